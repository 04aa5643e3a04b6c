import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import { readArguments, UsageError, writeResult } from "../src";

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
    "There is no option --fromat. Did you mean --format?\n\nAll options: npm run plan -- --help\n",
  );
});

describe("the arguments of a command", () => {
  const definition = {
    name: "sample",
    stack: true,
    options: {
      format: { type: "string", value: "FORMAT", choices: ["text", "json"], default: "text", help: "How." },
      out: { type: "string", value: "FILE", help: "Where." },
      gate: { type: "string", value: "GATE", multiple: true, help: "What must not pass." },
      base: { type: "string", value: "REVISION", required: true, help: "Before." },
      keep: { type: "boolean", help: "Leave it." },
    },
  } as const;
  const read = (...args: string[]) => readArguments(definition, args);

  it("are values of the types that the options have", () => {
    const { stack, values } = read("dev", "--base=main", "--gate", "a", "--gate=b", "--keep");
    expect(stack).toBe("dev");
    expect(values).toEqual({ format: "text", out: undefined, gate: ["a", "b"], base: "main", keep: true });
  });

  it("are refused with everything that is wrong, at once", () => {
    const wrong = () => read("dev", "prod", "--format", "jsonn", "--kep", "--out", "--keep=yes");
    expect(wrong).toThrow(UsageError);
    for (const problem of [
      "One stack at a time; found also: prod.",
      "--format jsonn: must be one of text, json. Did you mean json?",
      "There is no option --kep. Did you mean --keep?",
      "--out needs a value: --out FILE.",
      "--keep takes no value; found yes.",
      "--base is missing: --base REVISION.",
    ])
      expect(wrong).toThrow(problem);
  });

  it("never meet the prototype of an object", () => {
    expect(() => read("dev", "--base", "a", "--constructor", "x")).toThrow(
      "There is no option --constructor",
    );
    expect(() => read("dev", "--base", "a", "--__proto__=x")).toThrow("There is no option --__proto__");
  });

  it("take one value once: the last of two different ones does not win silently", () => {
    expect(() => read("dev", "--base", "a", "--base", "b")).toThrow("--base is given several times: a, b.");
  });
});

describe("options that npm took for its own", () => {
  // What npm itself does with them: it is asked, not imitated.
  const npm = (...args: string[]) =>
    spawnSync("npm", ["run", "--silent", ...args], {
      cwd: root,
      encoding: "utf8",
      shell: process.platform === "win32",
    });

  it.each([
    [["plan", "staging", "--format", "json"]],
    [["diff", "staging", "--base", "main"]],
    [["rehearse", "staging", "--keep"]],
  ])("%j: says that -- is missing", (args) => {
    const { status, stdout, stderr } = npm(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(`put -- before the arguments, as in npm run ${args[0]} -- staging`);
  });
});

describe("results", () => {
  const folder = mkdtempSync(join(tmpdir(), "kit-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are written whole, in folders that are made", async () => {
    await writeResult("text\n", join(folder, "new/plan.txt"));
    expect(readFileSync(join(folder, "new/plan.txt"), "utf8")).toBe("text\n");
    expect(readdirSync(join(folder, "new"))).toEqual(["plan.txt"]);
  });

  it("are refused with the reason where they cannot be", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(writeResult("x", folder)).rejects.toThrow(`cannot write ${folder}: it is a folder.`);
    await expect(writeResult("x", join(folder, "file/below"))).rejects.toThrow(
      "a part of its path is a file",
    );
    if (existsSync("/dev/full"))
      await expect(writeResult("x", "/dev/full")).rejects.toThrow("the disk is full");
  });
});
