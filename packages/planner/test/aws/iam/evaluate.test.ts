import { describe, expect, test } from "vitest";
import {
  type ApiCall,
  decide,
  filledIn,
  type PolicyDocument,
  type PolicyStatement,
  type Principal,
  refusalText,
} from "../../../src/aws/iam";

const arn = "arn:aws:sts::111122223333:assumed-role/deployer/run";
const policy = (...Statement: PolicyStatement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
const allow = (Condition?: PolicyStatement["Condition"], Resource = "*"): PolicyStatement => ({
  Effect: "Allow",
  Action: "ec2:*",
  Resource,
  ...(Condition && { Condition }),
});
const vpc = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1";
const call: ApiCall = {
  action: "ec2:DeleteVpc",
  resources: [{ arn: vpc, tags: { owner: "blue", team: "a" } }],
  context: { "aws:TagKeys": ["owner", "team"] },
};

const allowed = (statement: PolicyStatement, given = call, rest: Partial<Principal> = {}) =>
  decide({ arn, policies: { own: policy(statement) }, ...rest }, given, "eu-west-1").every(
    (decision) => decision.allowed,
  );

describe("conditions", () => {
  test.each([
    ["StringEquals", "aws:ResourceTag/owner", "blue", true],
    ["StringEquals", "aws:ResourceTag/owner", ["red", "blue"], true],
    ["StringEquals", "aws:ResourceTag/owner", "Blue", false],
    ["StringEquals", "AWS:resourcetag/owner", "blue", true],
    ["StringEquals", "aws:ResourceTag/missing", "blue", false],
    ["StringEqualsIfExists", "aws:ResourceTag/missing", "blue", true],
    ["StringNotEquals", "aws:ResourceTag/owner", ["red", "blue"], false],
    ["StringNotEquals", "aws:ResourceTag/missing", "blue", true],
    ["StringLike", "aws:ResourceTag/owner", "b?u*", true],
    ["StringLike", "aws:ResourceTag/owner", "b.*", false],
    ["StringEquals", "ec2:ResourceTag/owner", "blue", true],
    ["StringEquals", "aws:RequestedRegion", "eu-west-1", true],
    ["Null", "aws:ResourceTag/missing", "true", true],
    ["Null", "aws:ResourceTag/owner", "true", false],
    ["Null", "aws:ResourceTag/owner", "false", true],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["owner", "team", "more"], true],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["owner"], false],
    // A set without members has none that is not allowed.
    ["ForAllValues:StringEquals", "aws:Missing", ["owner"], true],
    ["ForAnyValue:StringLike", "aws:TagKeys", ["t*"], true],
    ["ForAnyValue:StringEquals", "aws:Missing", ["owner"], false],
    ["ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/dep*", true],
    // A wildcard ends at a colon.
    ["ArnLike", "aws:PrincipalArn", "arn:*:role/deployer", false],
  ])("%s %s %j", (operator, key, wanted, expected) => {
    expect(allowed(allow({ [operator]: { [key]: wanted } }))).toBe(expected);
  });

  test("an operator and a variable that are not known are never taken as met", () => {
    expect(() => allowed(allow({ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }))).toThrow("IpAddress");
    expect(() =>
      allowed(allow({ StringEquals: { "aws:ResourceTag/owner": "\u0024{aws:username}" } })),
    ).toThrow("\u0024{aws:username}");
  });
});

describe("decisions", () => {
  test("every resource of a request must be allowed", () => {
    const subnet = "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1";
    const both = { action: "ec2:AssociateRouteTable", resources: [{ arn: vpc }, { arn: subnet }] };
    expect(allowed(allow(undefined, "arn:aws:ec2:*:*:vpc/*"), both)).toBe(false);
    expect(allowed(allow(undefined, "arn:aws:ec2:*:*:*/*"), both)).toBe(true);
  });

  test("an action without resources needs a statement about all of them", () => {
    const describing = { action: "ec2:DescribeVpcs", resources: [] };
    expect(allowed(allow(undefined, "arn:aws:ec2:*:*:vpc/*"), describing)).toBe(false);
    expect(allowed(allow(), describing)).toBe(true);
  });

  test.each<[string, Partial<Principal>, string]>([
    [
      "nothing allows it",
      { policies: {} },
      "because no identity-based policy allows the ec2:DeleteVpc action",
    ],
    [
      "a deny in another policy",
      { policies: { a: policy(allow()), b: policy({ ...allow(), Effect: "Deny", Action: "ec2:Delete*" }) } },
      "with an explicit deny in an identity-based policy",
    ],
    [
      "a boundary without it",
      { boundary: policy({ ...allow(), Action: "ec2:Describe*" }) },
      "because no permissions boundary allows the ec2:DeleteVpc action",
    ],
    [
      "a deny in the boundary",
      { boundary: policy(allow(), { Effect: "Deny", NotAction: "iam:*", Resource: vpc }) },
      "with an explicit deny in a permissions boundary",
    ],
  ])("%s, in AWS's words", (_, rest, words) => {
    const principal = { arn, policies: { own: policy(allow()) }, ...rest };
    const [decision] = decide(principal, call, "eu-west-1");
    if (!decision) throw new Error("no decision");
    expect(decision.allowed).toBe(false);
    expect(refusalText(principal, call.action, decision)).toEqual([
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${arn} is not authorized to perform: ec2:DeleteVpc on resource: ${vpc} ${words}`,
    ]);
  });
});

describe("placeholders", () => {
  test("the partition follows from the region", () => {
    const text = "arn:PARTITION:iam::ACCOUNT_ID:role/x";
    expect(filledIn(text, { region: "us-gov-west-1", account: "111122223333" })).toBe(
      "arn:aws-us-gov:iam::111122223333:role/x",
    );
    expect(filledIn(text, { region: "cn-north-1" })).toBe("arn:aws-cn:iam::ACCOUNT_ID:role/x");
    expect(filledIn(text, {})).toBe(text);
  });

  test("a value that would widen a policy is refused", () => {
    expect(() => filledIn("", { stack: "*" })).toThrow("--stack *");
    expect(() => filledIn("", { repository: "*/*" })).toThrow("--repository */*");
  });
});
