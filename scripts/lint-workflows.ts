import { spawnSync } from "node:child_process";
import { defineCommand, projectRoot } from "@inference-platform/kit";

const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7";

/** The command `lint:workflows`. */
export const command = defineCommand({
  name: "lint:workflows",
  stack: false,
  summary:
    "Lints .github/workflows with actionlint, built by Go from its sources. Without Go, or without the sources within " +
    "reach, it says that it was skipped and why: the workflows are also read by the tests.",
  options: {},
  exitCodes: { 0: "no problems, or skipped", 1: "problems", 2: "wrong usage" },
  run: () => {
    if (go(["version"]).error) return skipped("go is not installed (https://go.dev/dl/)");
    const available = go(["run", actionlint, "-version"]);
    if (available.status !== 0)
      return skipped(`actionlint cannot be had: ${available.stderr.trim().split("\n").at(-1)}`);

    const { status, stdout, stderr } = go(["run", actionlint]);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    if (status === 0) process.stdout.write("workflows: no problems\n");
    return status ?? 1;
  },
});

function go(args: string[]) {
  return spawnSync("go", args, { cwd: projectRoot, encoding: "utf8" });
}

function skipped(reason: string): number {
  process.stdout.write(`lint:workflows skipped: ${reason}\n`);
  return 0;
}
