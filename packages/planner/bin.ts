import { runCommand } from "@inference-platform/kit";

void runCommand({
  plan: () => import("./src/plan/command"),
  diff: () => import("./src/diff/command"),
  new: () => import("./src/new/command"),
});
