import { projectRoot } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { charts } from "../../../../components/common/charts";
import { planChanged, type StackConfig } from "../../../../test/support/changed-stacks";
import { chartArchive, withoutChart } from "../../../../test/support/charts";
import type { Check } from "../../src/plan/types";

const key = (name: string) => `inference-platform:${name}`;

async function checked(id: string, stack: string, change: (config: StackConfig) => void): Promise<Check> {
  const { checks } = await planChanged(projectRoot, stack, change);
  const found = checks.find((check) => check.id === id);
  if (!found) throw new Error(`there is no check ${id}`);
  return found;
}

describe("nodes that AWS takes away", () => {
  const spot = (longestRequestSeconds: number) => (config: StackConfig) => {
    config[key("gpu")].capacityType = "SPOT";
    config[key("model")].services[0].longestRequestSeconds = longestRequestSeconds;
  };

  it("go before long requests are answered: a warning with the service and the figures", async () => {
    expect(await checked("interruptions", "staging", spot(300))).toMatchObject({
      status: "warn",
      detail: expect.stringMatching(
        /^Deployment inference\/chat: its grace of \d{3} s is longer than the 120 s .*on-demand nodes/,
      ),
    });
  });

  it("do not go before short ones are, and are no matter on demand", async () => {
    expect((await checked("interruptions", "staging", spot(60))).status).toBe("pass");
    expect((await checked("interruptions", "staging", () => {})).status).toBe("pass");
  });
});

const prometheus = charts.kubePrometheusStack;
describe.skipIf(!chartArchive(prometheus))(`volumes in zones ${withoutChart(prometheus)}`, () => {
  const systemNodes = (minNodes: number) => (config: StackConfig) => {
    config[key("network")].zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
    config[key("cluster")].systemNodes.minNodes = minNodes;
  };

  it("can be without a node where there are fewer nodes than zones", async () => {
    const { status, detail } = await checked("volumes-reachable", "staging", systemNodes(1));
    expect(status).toBe("warn");
    expect(detail).toMatch(
      /pool cluster-system has \d nodes? in 3 zones, and volumes of .*Prometheus|prometheus/,
    );
    expect(detail).toContain("Raise minNodes");
  });

  it("have a node where there is one in each", async () => {
    expect((await checked("volumes-reachable", "staging", systemNodes(3))).status).toBe("pass");
  });
});
