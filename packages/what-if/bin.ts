import { runCommand } from "@inference-platform/kit";

void runCommand({
  "what-if": () => import("./src/command"),
});
