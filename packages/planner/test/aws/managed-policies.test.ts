import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { planned, shippedStacks } from "../../../../test/support/stacks";
import list from "../../src/aws/data/managed-policies.json";
import { RequiredPolicy } from "../../src/aws/services/iam-managed";
import { Token } from "../../src/aws/tokens";
import { Stack, trust } from "./stack";

const generated = resolve(projectRoot, "policies");

/** Managed policies that a text names by ARN, without their prefix. */
const namedIn = (text: string) =>
  [...text.matchAll(/arn:[\w-]+:iam::aws:policy\/([\w+=,.@/-]+)/g)].map(([, name]) => name);

describe("policies that AWS manages", () => {
  it.each(shippedStacks)("are all AWS's in the plan of %s", async (stack) => {
    const named = namedIn(JSON.stringify((await planned(stack)).resources));
    expect(named).toContain(RequiredPolicy.Cluster);
    expect(named.filter((name) => !list.names.includes(name ?? ""))).toEqual([]);
  });

  it.each(readdirSync(generated))("are all AWS's in policies/%s", (file) => {
    const named = namedIn(readFileSync(join(generated, file), "utf8"));
    expect(named.filter((name) => !list.names.includes(name ?? ""))).toEqual([]);
  });

  it("are all AWS's where the simulated EKS asks for them", () => {
    expect(list.names).toEqual(expect.arrayContaining(Object.values(RequiredPolicy)));
  });

  it.each([
    ["a wrong path", "service-role/AmazonEBSCSIDriverPolicyV2"],
    ["no path, though it has one", "AmazonEBSCSIDriverPolicy"],
    ["a wrong name", "AmazonEKSClusterPolicies"],
  ])("cannot be attached with %s, one by one or with the role", (_what, policy) => {
    const absent = `NoSuchEntity: Policy arn:aws:iam::aws:policy/${policy} does not exist or is not attachable.`;
    const role = trust("pods.eks.amazonaws.com");
    expect(() => new Stack().role("pods", role, policy)).toThrow(absent);
    const managedPolicyArns = [`arn:aws:iam::aws:policy/${policy}`];
    const whole = { name: "pods", assumeRolePolicy: role, managedPolicyArns };
    expect(() => new Stack().make(Token.Role, "pods", whole)).toThrow(absent);
  });

  it("cannot be attached when only AWS attaches them", () => {
    const attach = () =>
      new Stack().role("pods", trust("ec2.amazonaws.com"), "aws-service-role/AmazonEKSServiceRolePolicy");
    expect(attach).toThrow(/PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role/);
  });

  it("are attached under the path that AWS has them", () => {
    new Stack().role("csi", trust("pods.eks.amazonaws.com"), "service-role/AmazonEBSCSIDriverPolicy");
  });
});
