import { runCommand } from "@inference-platform/kit";

void runCommand({
  schema: () => import("./schema/command"),
  docs: () => import("./docs/command"),
  reach: () => import("./reach/command"),
  bench: () => import("./bench/choose"),
  "lint:workflows": () => import("./lint-workflows"),
});
