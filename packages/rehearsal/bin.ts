import { runCommand } from "@inference-platform/kit";

void runCommand({
  rehearse: () => import("./src/command"),
  tools: () => import("./src/tools/command"),
});
