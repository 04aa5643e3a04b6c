import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "../../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** The commands of this project, as package.json runs them. */
const commands = Object.entries(scripts).filter(([, script]) => script.includes("/bin.ts"));

function run(script: string, ...args: string[]) {
  const [node = "", ...rest] = script.split(" ");
  const program = node === "node" ? process.execPath : node;
  return spawnSync(program, [...rest, ...args], { cwd: root, encoding: "utf8" });
}

test("there are all commands that the documentation names", () => {
  const known = ["plan", "diff", "rehearse", "schema", "docs", "bench", "policies", "review", "preview"];
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining([...known, "deploy", "smoke", "drift"]),
  );
});

test.each(commands)("%s tells an option that there is not, and does nothing", (_, script) => {
  const { status, stdout, stderr } = run(script, "--nonsense");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/no option --nonsense/);
});

test.each(commands)("%s has -h", (_, script) => {
  const { status, stdout } = run(script, "-h");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: npm run /);
});

test("a misspelt option is recognized", () => {
  const [, plan = ""] = commands.find(([name]) => name === "plan") ?? [];
  expect(run(plan, "staging", "--fromat", "json").stderr).toBe(
    "There is no option --fromat. Did you mean --format?\n",
  );
});
