import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * Lints .github/workflows with actionlint, built by Go from its sources. Without Go, or without the sources within
 * reach, it says that it was skipped and why: the workflows are also read by the tests.
 */
const actionlint = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7";

const root = join(__dirname, "../..");
const run = (args: string[]) => spawnSync("go", args, { cwd: root, encoding: "utf8" });

const skip = (reason: string) => {
  process.stdout.write(`lint:workflows skipped: ${reason}\n`);
  process.exit(0);
};

if (run(["version"]).error) skip("go is not installed (https://go.dev/dl/)");
const available = run(["run", actionlint, "-version"]);
if (available.status !== 0) skip(`actionlint cannot be had: ${available.stderr.trim().split("\n").at(-1)}`);

const ended = run(["run", actionlint]);
process.stdout.write(ended.stdout);
process.stderr.write(ended.stderr);
if (ended.status === 0) process.stdout.write("workflows: no problems\n");
process.exit(ended.status ?? 1);
