import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, UsageError } from "@inference-platform/kit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { charts } from "../../../../components/common/charts";
import { chartArchive, withoutChart } from "../../../../test/support/charts";
import { command } from "../../src/plan/command";
import { markdownPlan } from "../../src/plan/formats/markdown";
import { textPlan } from "../../src/plan/formats/text";
import { planStack } from "../../src/plan/run";
import type { Plan } from "../../src/plan/types";

const directory = projectRoot;
const empty = mkdtempSync(join(tmpdir(), "no-charts-"));

/** What a newcomer's machine has. */
function withoutArchives() {
  vi.stubEnv("INFERENCE_PLATFORM_CHARTS", undefined);
  vi.stubEnv("XDG_CACHE_HOME", empty);
}
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(empty, { recursive: true });
});

const check = (plan: Plan, id: string) => plan.checks.find((entry) => entry.id === id);

describe("a plan that could not see the published charts", () => {
  let plan: Plan;
  beforeAll(async () => {
    withoutArchives();
    plan = await planStack({ directory, stack: "staging" });
    vi.unstubAllEnvs();
  });

  it("says so first, and claims no more than it saw", () => {
    for (const text of [textPlan(plan, { width: 120 }), markdownPlan(plan)]) {
      expect(text).toContain("7 of 8 releases not seen, no check fails on the others, 1 warns");
      expect(text).not.toMatch(/checks? pass/);
    }
  });

  it("warns, with every name and the command that brings them", () => {
    expect(check(plan, "releases-seen")?.status).toBe("warn");
    const detail = check(plan, "releases-seen")?.detail ?? "";
    for (const { name, skipped } of plan.releases) expect(detail.includes(name)).toBe(skipped !== undefined);
    expect(detail).toMatch(/To see them: npm run tools -- --only charts$/);
  });

  it("lets no check pass over them in silence, and leaves alone those that saw all", () => {
    const remark = "; 7 of 8 releases not seen";
    const silent = plan.checks.filter(({ status, detail }) => status === "pass" && !detail.endsWith(remark));
    expect(silent.map(({ id }) => id)).toEqual([
      "api-reachable",
      "explicit-provider",
      "unique-names",
      "pinned-charts",
      "settings-advice",
      "example-values",
    ]);
  });

  it("is what a machine without helm gets, too", async () => {
    const { arch } = process;
    Object.defineProperty(process, "arch", { value: "arm64" });
    vi.stubEnv("PATH", "/nowhere");
    try {
      const { releases, checks } = await planStack({ directory, stack: "staging" });
      expect(releases.find(({ name }) => name === "chat")?.skipped).toBe("helm is not installed");
      expect(checks[0]?.detail).toContain("install helm (https://helm.sh");
    } finally {
      Object.defineProperty(process, "arch", { value: arch });
      vi.unstubAllEnvs();
    }
  });
});

const pins = Object.values(charts);
const missing = pins.find((pin) => chartArchive(pin) === undefined);
describe.skipIf(missing)(`a plan with all archives ${missing ? withoutChart(missing) : ""}`, () => {
  it("saw everything", async () => {
    const folder = join(chartArchive(charts.valkey) ?? "", "..");
    const plan = await planStack({ directory, stack: "staging", charts: folder });
    expect(check(plan, "releases-seen")).toMatchObject({ status: "pass", detail: "8 releases rendered" });
    expect(textPlan(plan)).toMatch(new RegExp(`; ${plan.checks.length} checks pass\n`));
  });
});

describe("a folder of charts that is not there", () => {
  it("is wrong usage of plan", async () => {
    const asked = command.run(["staging", "--charts", join(empty, "none")]);
    await expect(asked).rejects.toThrow(UsageError);
    await expect(asked).rejects.toThrow(/--charts .*none: there is no such folder/);
  });

  it("is wrong usage of diff", async () => {
    const { command: diff } = await import("../../src/diff/command");
    await expect(diff.run(["staging", "--base", "HEAD", "--charts", join(empty, "none")])).rejects.toThrow(
      UsageError,
    );
  });
});
