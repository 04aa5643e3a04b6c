import { runCommand } from "@inference-platform/kit";

void runCommand({
  review: () => import("./src/review"),
  preview: () => import("./src/preview"),
  comment: () => import("./src/comment"),
  deploy: () => import("./src/deploy"),
  smoke: () => import("./src/smoke"),
  drift: () => import("./src/drift"),
  policies: () => import("./src/policies/command"),
});
