import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { describeProblem } from "../../components/common/problem";
import { parseSettings } from "../../settings";

interface RefusedCase {
  name: string;
  base: string;
  set?: Record<string, unknown>;
  remove?: string[];
  expect: string[];
}

type Node = Record<string, unknown>;

const root = join(__dirname, "../..");
const prefix = "inference-platform:";
const cases: RefusedCase[] = parse(readFileSync(join(root, "test/fixtures/refused.yaml"), "utf8"));

/** A shipped stack's configuration: settings by group, and `config` for keys of others. */
function stack(base: string): Node {
  const { config } = parse(readFileSync(join(root, `Pulumi.${base}.yaml`), "utf8")) as { config: Node };
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  return { ...Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])), config };
}

/** `a.b.0.c`, or `config.` followed by a whole key. */
function steps(path: string): string[] {
  return path.startsWith("config.") ? ["config", path.slice("config.".length)] : path.split(".");
}

function parent(node: Node, path: string[]): Node {
  return path.slice(0, -1).reduce<Node>((at, step) => {
    at[step] ??= {};
    return at[step] as Node;
  }, node);
}

function problems({ base, set = {}, remove = [] }: Pick<RefusedCase, "base" | "set" | "remove">): string[] {
  const changed = stack(base);
  for (const [path, value] of Object.entries(set))
    parent(changed, steps(path))[steps(path).at(-1) ?? ""] = value;
  for (const path of remove) delete parent(changed, steps(path))[steps(path).at(-1) ?? ""];
  const { config, ...groups } = changed;
  return parseSettings(groups, { region: (config as Node)["aws:region"] as string | undefined }).problems.map(
    describeProblem,
  );
}

describe("the shipped stacks", () => {
  it.each(["staging", "prod"])("%s is accepted as it is", (base) => {
    expect(problems({ base })).toEqual([]);
  });
});

describe("a stack file is refused", () => {
  it.each(cases)("$name", (refused) => {
    const text = problems(refused).join("\n");
    for (const message of refused.expect) expect(text).toContain(message);
  });

  it("with all its problems at once, also those between groups", () => {
    const found = problems({
      base: "staging",
      set: {
        "gpu.maxNodes": "two",
        "redis.enabled": false,
        "model.services.0.redis": true,
        "network.zones": ["us-east-1a"],
        typo: 1,
      },
      remove: ["environment"],
    });
    expect(found).toHaveLength(5);
  });
});
