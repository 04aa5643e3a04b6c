import { describe, expect, test } from "vitest";
import { SimulatedAws } from "../../../src/aws/account";
import type { PolicyStatement } from "../../../src/aws/iam";
import { AwsProvider } from "../../../src/aws/provider";
import { Token } from "../../../src/aws/tokens";
import { Stack, trust } from "../stack";

const arn = "arn:aws:sts::123456789012:assumed-role/deployer/run";
const urn = (type: string) => `urn:pulumi:dev::project::${type}::one`;
const allow = (...Action: string[]): PolicyStatement => ({ Effect: "Allow", Action, Resource: "*" });

/** A provider whose caller may do this, on an account that a test has filled. */
function as(account: SimulatedAws, ...statements: PolicyStatement[]): AwsProvider {
  const provider = new AwsProvider(account);
  provider.actAs({ arn, policies: { own: { Version: "2012-10-17", Statement: statements } } });
  return provider;
}

const vpc = { cidrBlock: "10.0.0.0/16", tags: { Name: "one" } };
const refused = (action: string, resource: string) =>
  `UnauthorizedOperation: You are not authorized to perform this operation. User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

describe("the account, for a caller with policies", () => {
  test("makes nothing when one of the requests is not allowed, and says it as AWS does", async () => {
    const account = new SimulatedAws({ region: "eu-west-1" });
    const provider = as(account, allow("ec2:CreateVpc", "ec2:Describe*"));
    await expect(provider.create(urn(Token.Vpc), vpc)).rejects.toThrow(
      refused("ec2:CreateTags", "arn:aws:ec2:eu-west-1:123456789012:vpc/*"),
    );
    expect(account.resources()).toEqual([]);
    const more = as(account, allow("ec2:CreateVpc", "ec2:CreateTags", "ec2:Describe*"));
    await more.create(urn(Token.Vpc), vpc);
    expect(account.resources()).toHaveLength(1);
  });

  test("reads, changes and deletes only with the right to", async () => {
    const { aws: account, ids } = new Stack().network();
    const id = ids.vpc ?? "";
    const self = `arn:aws:ec2:eu-west-1:123456789012:vpc/${id}`;
    const provider = as(account, allow("ec2:DescribeVpcs"));
    await expect(provider.read(id, urn(Token.Vpc))).rejects.toThrow("ec2:DescribeNetworkAcls");
    const news = { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags: { Name: "other" } };
    await expect(provider.update(id, urn(Token.Vpc), {}, news)).rejects.toThrow(
      refused("ec2:CreateTags", self),
    );
    await expect(provider.delete(id, urn(Token.Vpc))).rejects.toThrow(refused("ec2:DeleteVpc", self));
    expect(account.read(Token.Vpc, id)?.inputs.tags).toBeUndefined();
  });

  test("answers look-ups only with the right to, and says who asks", async () => {
    const provider = as(new SimulatedAws({ region: "eu-west-1" }));
    const zones = provider.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {});
    await expect(zones).rejects.toThrow("ec2:DescribeAvailabilityZones");
    const { outputs } = await provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", {});
    expect(outputs?.arn).toBe(arn);
  });

  test("names a change of which no requests are known, instead of letting it through", async () => {
    const { aws: account, ids } = new Stack().network();
    const provider = as(account, allow("ec2:*"));
    const id = ids["private-a"] ?? "";
    const news = { ...account.read(Token.Subnet, id)?.inputs, mapPublicIpOnLaunch: true };
    await expect(provider.update(id, urn(Token.Subnet), {}, news)).rejects.toThrow(
      "no requests are known for a change of mapPublicIpOnLaunch of aws:ec2/subnet:Subnet",
    );
  });

  test("tells, as EKS does, that its own role cannot be looked for", async () => {
    const stack = new Stack().network().nat();
    const role = stack.make(Token.Role, "node", { assumeRolePolicy: trust("ec2.amazonaws.com") });
    const template = { instanceType: "m7i.large" };
    stack.make(Token.LaunchTemplate, "template", template);
    const others = { Effect: "Allow" as const, NotAction: ["iam:GetRole"], Resource: "*" };
    const roles = { ...allow("iam:GetRole"), Resource: "arn:aws:iam::*:role/node-*" };
    const group = {
      clusterName: "demo",
      nodeRoleArn: role.arn,
      nodeGroupName: "system",
      subnetIds: [stack.id("private-a")],
      scalingConfig: { minSize: 1, maxSize: 1, desiredSize: 1 },
    };
    const creation = as(stack.aws, others, roles).create(urn(Token.NodeGroup), group);
    await expect(creation).rejects.toThrow(
      "Failed to validate if SLR: AWSServiceRoleForAmazonEKSNodegroup already exists due to missing permissions for 'iam:GetRole'",
    );
  });

  test("lets anybody do everything who is not told of", async () => {
    const account = new SimulatedAws({ region: "eu-west-1" });
    const provider = as(account);
    await expect(provider.create(urn(Token.Vpc), vpc)).rejects.toThrow("UnauthorizedOperation");
    provider.actAs(undefined);
    await provider.create(urn(Token.Vpc), vpc);
    expect(account.resources()).toHaveLength(1);
  });
});
