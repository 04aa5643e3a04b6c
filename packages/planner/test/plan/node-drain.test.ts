import { projectRoot } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { planChanged, type StackConfig } from "../../../../test/support/changed-stacks";

const drainOf = async (change: (config: StackConfig, service: StackConfig) => void) => {
  const plan = await planChanged(projectRoot, "staging", (config) => {
    change(config, config["inference-platform:model"].services[0]);
  });
  const [autoscaler] = plan.resources.filter(
    ({ type, name }) => type.endsWith(":Release") && name === "cluster-autoscaler",
  );
  return {
    check: plan.checks.find(({ id }) => id === "node-drain"),
    waits: (autoscaler?.inputs.values as StackConfig)?.extraArgs["max-graceful-termination-sec"],
  };
};

describe("pods that leave a node", () => {
  it("have half an hour when a request may take that long: the autoscaler's ten minutes would cut it", async () => {
    const { check, waits } = await drainOf((_, service) => {
      service.longestRequestSeconds = 1800;
    });
    // preStop 15 + drain 1800 + exit 5.
    expect(waits).toBe(1820);
    expect(check).toMatchObject({ status: "pass" });
    expect(check?.detail).toContain("the slowest pod leaves within 1820 s, the node autoscaler waits 1820 s");
  });

  it("keep the autoscaler's own ten minutes otherwise", async () => {
    expect((await drainOf(() => {})).waits).toBe(600);
  });
});
