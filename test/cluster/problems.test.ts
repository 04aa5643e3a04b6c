import { describe, expect, it } from "vitest";
import type { ClusterArgs } from "../../components/cluster/cluster";
import { kubeconfigJson } from "../../components/cluster/kubeconfig";
import { PodIdentity } from "../../components/cluster/pod-identity";
import { clusterProblems } from "../../components/cluster/problems";
import { managedPolicyArn } from "../../components/common/partition";
import { describeProblem } from "../../components/common/problem";
import { record } from "../support/components";

const fine: ClusterArgs = { clusterName: "demo", region: "eu-west-1", subnetIds: [] };
const problems = (changes: Partial<ClusterArgs>) =>
  clusterProblems({ ...fine, ...changes }).map(describeProblem);

describe("clusterProblems", () => {
  it("accepts the defaults, and what EKS accepts", () => {
    expect(problems({})).toEqual([]);
    expect(
      problems({
        publicAccessCidrs: ["198.51.100.7/32", "203.0.113.0/24"],
        privateAccessCidrs: ["10.20.0.0/16", "100.64.0.0/10", "192.168.7.9/32"],
        administrators: [
          "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
          "arn:aws-us-gov:iam::111122223333:user/jo@example.com",
        ],
        systemNodes: { instanceTypes: ["m7i-flex.large", "t3.large"], minNodes: 6 },
      }),
    ).toEqual([]);
  });

  it.each<[string, Partial<ClusterArgs>]>([
    ["clusterName", { clusterName: "-demo" }],
    ["clusterName", { clusterName: "a".repeat(101) }],
    ["version", { version: "1.29" }],
    ["supportType", { supportType: "PREMIUM" as never }],
    ["publicAccessCidrs[0]", { publicAccessCidrs: ["198.51.100.7/24"] }],
    ["publicAccessCidrs[0]", { publicAccessCidrs: ["10.1.0.0/16"] }],
    ["publicAccessCidrs", { publicAccessCidrs: Array(41).fill("198.51.100.7/32") }],
    ["privateAccessCidrs[0]", { privateAccessCidrs: ["10.20.1.1/16"] }],
    ["privateAccessCidrs[1]", { privateAccessCidrs: Array(2).fill("10.20.0.0/16") }],
    ["privateAccessCidrs", { privateAccessCidrs: Array(51).fill("10.20.0.0/16") }],
    ["administrators[0]", { administrators: ["arn:aws:sts::111122223333:assumed-role/admin/jo"] }],
    ["administrators[0]", { administrators: ["arn:aws:iam::111122223333:root"] }],
    ["administrators[1]", { administrators: Array(2).fill("arn:aws:iam::111122223333:role/admin") }],
    ["credentials.profile", { credentials: { profile: "" } }],
    ["credentials.roleArn", { credentials: { roleArn: "deploy" } }],
    ["logRetentionDays", { logRetentionDays: 100 }],
    ["systemNodes.instanceTypes", { systemNodes: { instanceTypes: [] } }],
    ["systemNodes.instanceTypes[0]", { systemNodes: { instanceTypes: ["large"] } }],
    ["systemNodes.instanceTypes[0]", { systemNodes: { instanceTypes: ["m7g.large"] } }],
    ["systemNodes.instanceTypes[1]", { systemNodes: { instanceTypes: ["m7i.large", "g6.xlarge"] } }],
    ["systemNodes.minNodes", { systemNodes: { minNodes: 0 } }],
    ["systemNodes.minNodes", { systemNodes: { minNodes: 3, maxNodes: 2 } }],
    ["systemNodes.maxNodes", { systemNodes: { maxNodes: 451 } }],
    ["systemNodes.instanceTypes[0]", { systemNodes: { instanceTypes: ["m7i.lrge"] } }],
    ["systemNodes.instanceTypes[1]", { systemNodes: { instanceTypes: ["m7i.large", "m7i.large"] } }],
    ["systemNodes.instanceTypes", { systemNodes: { instanceTypes: ["m7i.large", "c7a.xlarge"] } }],
    ["publicAccessCidrs[0]", { publicAccessCidrs: ["127.0.0.0/8"] }],
    ["publicAccessCidrs[0]", { publicAccessCidrs: ["100.64.0.0/10"] }],
    ["publicAccessCidrs[0]", { publicAccessCidrs: ["224.0.0.0/4"] }],
    ["publicAccessCidrs[0]", { publicAccessCidrs: ["010.0.0.0/16"] }],
    ["systemNodes.diskGiB", { systemNodes: { diskGiB: 8 } }],
  ])("refuses a wrong %s: %j", (path, changes) => {
    const found = problems(changes);
    expect(found).toHaveLength(1);
    expect(found[0]?.startsWith(`${path} `)).toBe(true);
  });

  it("says how to name the role behind a session", () => {
    const [text] = problems({ administrators: ["arn:aws:sts::111122223333:assumed-role/admin/jo"] });
    expect(text).toContain("arn:aws:iam::<account>:role/<name>");
  });
});

describe("kubeconfigJson", () => {
  it("makes the token as whom the AWS provider acts", () => {
    const address = {
      clusterName: "demo",
      region: "eu-west-1",
      endpoint: "https://x",
      certificateAuthority: "Q0E=",
    };
    const roleArn = "arn:aws:iam::111122223333:role/deploy";
    const { exec } = JSON.parse(kubeconfigJson({ ...address, credentials: { profile: "work", roleArn } }))
      .users[0].user;
    // As options: AWS CLI 1.46.3 takes keys of the environment over a profile that AWS_PROFILE names, not over these.
    expect(exec.args.slice(-4)).toEqual(["--profile", "work", "--role-arn", roleArn]);
  });

  it("gives the same text for the same cluster, whatever the order of its parts", () => {
    const address = {
      clusterName: "demo",
      region: "eu-west-1",
      endpoint: "https://x",
      certificateAuthority: "Q0E=",
    };
    const reversed = Object.fromEntries(Object.entries(address).reverse()) as unknown as typeof address;
    expect(kubeconfigJson(reversed)).toBe(kubeconfigJson(address));
  });
});

describe("managedPolicyArn", () => {
  it("knows the partition of the region", () => {
    expect(managedPolicyArn("us-gov-west-1", "X")).toBe("arn:aws-us-gov:iam::aws:policy/X");
    expect(managedPolicyArn("eu-west-1", "service-role/X")).toBe("arn:aws:iam::aws:policy/service-role/X");
  });
});

describe("PodIdentity", () => {
  const resources = {
    "aws:iam/role:Role": (_: unknown, name: string) => ({ name, arn: `arn:${name}` }),
    "aws:iam/rolePolicy:RolePolicy": () => ({}),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": () => ({}),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": () => ({}),
  };
  const target = { clusterName: "demo", namespace: "kube-system", serviceAccount: "controller" };

  it("links the service account to a role that only the agent can take, once its policies are there", async () => {
    const recording = await record(
      () =>
        new PodIdentity("controller", {
          ...target,
          managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
          policy: "{}",
        }),
      { resources },
    );
    const association = recording.one("aws:eks/podIdentityAssociation:PodIdentityAssociation");
    expect(association.inputs).toEqual({ ...target, roleArn: "arn:controller-role" });
    expect(association.dependencies.map((urn) => urn.split("::").pop()).sort()).toEqual([
      "controller-ReadOnlyAccess",
      "controller-policy",
      "controller-role",
    ]);
    const trust = JSON.parse(String(recording.one("aws:iam/role:Role").inputs.assumeRolePolicy));
    expect(trust.Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    ]);
  });

  it("refuses a role without rights", async () => {
    await expect(record(() => new PodIdentity("controller", target), { resources })).rejects.toThrow(
      "kube-system/controller",
    );
  });
});
