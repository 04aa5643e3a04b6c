import { projectRoot } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { planChanged } from "../../../../test/support/changed-stacks";

const reachOf = async (cluster: object) => {
  const { checks, resources } = await planChanged(projectRoot, "prod", (config) => {
    Object.assign(config["inference-platform:cluster"], cluster);
  });
  return { check: checks.find(({ id }) => id === "api-reachable"), resources };
};

describe("who reaches the Kubernetes API", () => {
  it("is nobody who could deploy, when neither list names anybody: the plan warns", async () => {
    const { check } = await reachOf({ publicAccessCidrs: [] });
    expect(check?.status).toBe("warn");
    expect(check?.detail).toMatch(/only the nodes .* cluster\.privateAccessCidrs/);
  });

  it("is a connected network, through a rule of the cluster's own security group", async () => {
    const { check, resources } = await reachOf({
      publicAccessCidrs: [],
      privateAccessCidrs: ["10.20.0.0/16"],
    });
    expect(check).toMatchObject({ status: "pass", detail: "from connected networks: 10.20.0.0/16" });
    const rule = resources.find(({ type }) => type.endsWith(":SecurityGroupIngressRule"));
    // The simulated EC2 knows the group: EKS made it with the cluster.
    expect(rule?.inputs).toMatchObject({ fromPort: 443, toPort: 443, cidrIpv4: "10.20.0.0/16" });
  });

  it("is what prod as shipped says", async () => {
    expect((await reachOf({})).check).toMatchObject({
      status: "pass",
      detail: "from the internet: 203.0.113.0/24",
    });
  });
});
