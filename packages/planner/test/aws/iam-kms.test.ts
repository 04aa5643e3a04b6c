import { describe, expect, it } from "vitest";
import managed from "../../src/aws/data/managed-policies.json";
import { Token } from "../../src/aws/tokens";
import { Stack, trust } from "./stack";

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const read = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::models/*" };

describe("IAM", () => {
  it.each([
    ["text that is no JSON", "{", /MalformedPolicyDocument: .*invalid Json/],
    ["no statement", "{}", /Missing required field Statement/],
    [
      "an action without a service",
      policy({ ...read, Action: "GetObject" }),
      /prefaced by a vendor.*GetObject/,
    ],
    ["an effect of another case", policy({ ...read, Effect: "allow" }), /Allow or Deny, not "allow"/],
    ["a statement without resources", policy({ ...read, Resource: undefined }), /must contain resources/],
    [
      "a resource that is no ARN",
      policy({ ...read, Resource: "models/*" }),
      /models\/\* must be in ARN format/,
    ],
    ["a principal", policy({ ...read, Principal: "*" }), /should not specify a principal/],
    ["one Sid twice", policy({ ...read, Sid: "A" }, { ...read, Sid: "A" }), /must be unique: A/],
    ["a Sid with a dash", policy({ ...read, Sid: "a-b" }), /alpha-numeric: a-b/],
  ])("refuses a policy with %s", (_what, text, message) => {
    expect(() => new Stack().make(Token.Policy, "p", { policy: text })).toThrow(message);
  });

  it("counts a policy without its white space, up to 6,144 characters", () => {
    const padding = 6144 - policy({ ...read, Resource: ["arn:aws:s3:::"] }).length;
    const sized = (extra: number) =>
      policy({ ...read, Resource: [`arn:aws:s3:::${"x".repeat(padding + extra)}`] });
    new Stack().make(Token.Policy, "p", { policy: sized(0).replaceAll(",", ",\n   ") });
    expect(() => new Stack().make(Token.Policy, "p", { policy: sized(1) })).toThrow(
      /LimitExceeded: .*6145 of 6144/,
    );
  });

  it("refuses role names of more than 64 characters, and ones that are taken", () => {
    const assumeRolePolicy = trust("ec2.amazonaws.com");
    const long = () => new Stack().make(Token.Role, "r", { name: "r".repeat(65), assumeRolePolicy });
    expect(long).toThrow(/\(65 characters\) must have 1 to 64/);
    const stack = new Stack();
    stack.role("node", assumeRolePolicy);
    expect(() => stack.role("node", assumeRolePolicy)).toThrow(/EntityAlreadyExists: .*node/);
  });

  it("makes up names as Pulumi does, and another one for another resource of that name", () => {
    const stack = new Stack();
    const assumeRolePolicy = trust("ec2.amazonaws.com");
    const names = [1, 2].map(() => stack.make(Token.Role, "node", { assumeRolePolicy }).name);
    expect(names[0]).toMatch(/^node-[0-9a-f]{7}$/);
    expect(names[1]).not.toBe(names[0]);
  });

  it("refuses trust policies with resources or without a principal", () => {
    const make = (text: string) => () => new Stack().make(Token.Role, "r", { assumeRolePolicy: text });
    const assume = { Effect: "Allow", Action: "sts:AssumeRole" };
    expect(make(policy(assume))).toThrow(/must contain a principal/);
    expect(make(policy({ ...assume, Principal: "*", Resource: "*" }))).toThrow(/prohibited field Resource/);
    expect(make(policy({ ...read, Resource: undefined, Principal: "*" }))).toThrow(/only specify STS/);
  });

  it("attaches ten policies to a role, not eleven", () => {
    const stack = new Stack();
    const eleven = managed.names.slice(0, 11);
    expect(() => stack.role("many", trust("ec2.amazonaws.com"), ...eleven)).toThrow(
      /LimitExceeded: .*PoliciesPerRole: 10/,
    );
    expect(stack.aws.resources()).toHaveLength(11);
  });

  it("attaches only what exists, and deletes only what nothing is attached to", () => {
    const stack = new Stack();
    const role = () => stack.role("pods", trust("pods.eks.amazonaws.com"));
    role();
    const attach = (policyArn: string) =>
      stack.make(Token.RolePolicyAttachment, "a", { role: "pods", policyArn });
    expect(() => attach("arn:aws:iam::123456789012:policy/mine")).toThrow("NoSuchEntity");
    const { arn } = stack.make(Token.Policy, "mine", { name: "mine", policy: policy(read) });
    attach(String(arn));
    expect(() => stack.aws.delete(Token.Role, "pods")).toThrow(/DeleteConflict: .*detach all policies/);
    expect(() => stack.aws.delete(Token.Policy, String(arn))).toThrow(/DeleteConflict: .*attached to pods/);
    stack.aws.delete(Token.RolePolicyAttachment, stack.id("a"));
    stack.aws.delete(Token.Policy, String(arn));
    stack.aws.delete(Token.Role, "pods");
    expect(stack.aws.resources()).toEqual([]);
  });
});

describe("launch templates", () => {
  const volume = (ebs: object) => ({
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeType: "gp3", ...ebs } }],
  });

  it.each([
    [
      "more throughput than the IOPS allow",
      volume({ volumeSize: 100, throughput: 1000 }),
      /1000 MiB\/s is more than 0.25/,
    ],
    [
      "more IOPS than the size allows",
      volume({ volumeSize: 10, iops: 6000 }),
      /6000 is more than 500 per GiB/,
    ],
    ["a hop limit of none", { metadataOptions: { httpPutResponseHopLimit: 0 } }, /httpPutResponseHopLimit 0/],
    ["a group that does not exist", { vpcSecurityGroupIds: ["sg-1"] }, /InvalidGroup.NotFound: .*sg-1/],
  ])("refuses %s", (_what, inputs, message) => {
    expect(() => new Stack().make(Token.LaunchTemplate, "nodes", inputs)).toThrow(message);
  });

  it("counts versions, but not for tags, and moves the default only when told to", () => {
    const { aws } = new Stack();
    const { id } = aws.create(Token.LaunchTemplate, "nodes", {
      name: "nodes",
      ...volume({ volumeSize: 100 }),
    });
    const to = (inputs: object) => aws.update(Token.LaunchTemplate, id, { name: "nodes", ...inputs }).outputs;
    expect(to({ ...volume({ volumeSize: 100 }), tags: { a: "1" } })).toMatchObject({ latestVersion: 1 });
    expect(to(volume({ volumeSize: 200 }))).toMatchObject({ latestVersion: 2, defaultVersion: 1 });
    expect(to({ ...volume({ volumeSize: 300 }), updateDefaultVersion: true })).toMatchObject({
      defaultVersion: 3,
    });
  });
});

describe("keys, logs, certificates", () => {
  it("refuses a key policy that locks its own account out", () => {
    const only = policy({
      ...read,
      Action: "kms:Decrypt",
      Resource: "*",
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
    });
    expect(() => new Stack().make(Token.Key, "k", { policy: only })).toThrow(
      /MalformedPolicyDocumentException/,
    );
  });

  it("refuses a log group twice, and retentions that CloudWatch does not have", () => {
    const stack = new Stack();
    stack.make(Token.LogGroup, "logs", { name: "/aws/eks/prod/cluster", retentionInDays: 90 });
    const again = { name: "/aws/eks/prod/cluster" };
    expect(() => stack.make(Token.LogGroup, "again", again)).toThrow("ResourceAlreadyExistsException");
    expect(() => stack.make(Token.LogGroup, "other", { name: "/x", retentionInDays: 100 })).toThrow(
      /100 must be one of/,
    );
  });

  it("issues a certificate once its record is there; a wildcard needs no second one", () => {
    const stack = new Stack();
    const domain = {
      domainName: "example.com",
      subjectAlternativeNames: ["*.example.com"],
      validationMethod: "DNS",
    };
    const { domainValidationOptions } = stack.make(Token.Certificate, "cert", domain);
    const options = domainValidationOptions as { resourceRecordName: string; resourceRecordValue: string }[];
    expect(new Set(options.map((option) => option.resourceRecordName)).size).toBe(1);
    const validate = () =>
      stack.make(Token.CertificateValidation, "valid", { certificateArn: stack.id("cert") });
    expect(validate).toThrow(/not issued: no record _.*example.com/);
    const [proof] = options;
    stack.make(Token.Record, "proof", {
      zoneId: "Z1",
      name: proof?.resourceRecordName,
      type: "CNAME",
      ttl: 300,
      records: [proof?.resourceRecordValue],
    });
    validate();
  });
});
