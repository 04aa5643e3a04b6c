import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { beforeAll, describe, expect, test } from "vitest";
import { planChanged } from "../../../test/support/changed-stacks";
import { filledIn, policyText } from "../src/policies/command";
import {
  managedPolicyCharacters,
  type PolicyDocument,
  type PolicyFacts,
  policyDocuments,
} from "../src/policies/documents";
import { policyFacts } from "../src/policies/facts";
import { permissions } from "../src/policies/table";

const root = projectRoot;
let facts: PolicyFacts;
let documents: Record<string, PolicyDocument>;

beforeAll(async () => {
  facts = await policyFacts(root, ["staging", "prod"]);
  documents = policyDocuments(facts);
});

const statements = (path: string) => documents[path]?.Statement ?? [];
const deploying = ["network", "cluster", "access"].map((area) => `policies/deploy-${area}.json`);

describe("role policies", () => {
  test("cover every AWS type of both stacks and of what settings add, and nothing else", async () => {
    const known = Object.values(permissions).flatMap((area) => Object.keys(area));
    const { resources } = await planChanged(root, "staging", (config) => {
      config["inference-platform:cluster"].privateAccessCidrs = ["10.20.0.0/16"];
    });
    const more = resources.filter(({ custom, type }) => custom && type.startsWith("aws:"));
    expect(new Set(known)).toEqual(new Set([...facts.types, ...more.map(({ type }) => type)]));
  });

  test("a rule for the private API is made in the stack's own cluster only", () => {
    const type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    const wider = policyDocuments({ ...facts, types: [...facts.types, type] });
    const [statement] = deploying
      .flatMap((path) => wider[path]?.Statement ?? [])
      .filter(({ Action }) => Action.includes("ec2:AuthorizeSecurityGroupIngress"));
    expect(statement?.Condition).toEqual({
      StringEquals: { "aws:ResourceTag/aws:eks:cluster-name": "inference-platform-STACK" },
    });
  });

  test("a type without a row stops the generator and is named", () => {
    expect(() => policyDocuments({ ...facts, types: [...facts.types, "aws:sqs/queue:Queue"] })).toThrow(
      "aws:sqs/queue:Queue",
    );
  });

  test("the files in the repository are what the stacks need now", () => {
    for (const [path, document] of Object.entries(documents)) {
      const text = readFileSync(resolve(root, path), "utf8");
      expect(text, `${path}: npm run policies`).toBe(policyText(document));
    }
  });

  test("every action is a whole action of a service, never a wildcard", () => {
    const actions = Object.values(documents).flatMap(({ Statement }) => Statement.flatMap((s) => s.Action));
    expect(actions.filter((action) => !/^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/.test(action))).toEqual([]);
  });

  test("a preview can read, and decrypt the state's secrets, and nothing more", () => {
    const actions = statements("policies/preview.json").flatMap((statement) => statement.Action);
    expect(actions.filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual(["kms:Decrypt"]);
  });

  test("writes in EC2 and EKS touch only what carries the stack's name", () => {
    const loose = deploying
      .flatMap(statements)
      .filter(({ Action }) => Action.some((action) => /^(ec2|eks):(?!Describe|List|Get)/.test(action)))
      .filter(({ Resource, Condition }) => !JSON.stringify([Resource, Condition]).includes("platform-STACK"));
    // Creating a cluster has no resource to name; nor has a VPC's default group, nor EKS's try of a template.
    expect(loose.map(({ Sid }) => Sid).sort()).toEqual(["DefaultSecurityGroup", "Launch", "Region"]);
    const region = statements("policies/deploy-cluster.json").find(({ Sid }) => Sid === "Region");
    expect(region?.Action.filter((action) => !/:(Describe|List|Get)/.test(action))).toEqual([
      "eks:CreateCluster",
    ]);
  });

  test("roles are passed and changed by name, to the services that they trust", () => {
    for (const statement of deploying.flatMap(statements)) {
      if (statement.Action.some((action) => /^iam:(?!Get|List|CreateServiceLinkedRole)/.test(action))) {
        expect(statement.Resource?.every((arn) => /:role\/[a-z-]+-\?{7}$/.test(arn))).toBe(true);
      }
      if (!statement.Action.includes("iam:PassRole")) continue;
      expect(statement.Condition).toEqual({
        StringEquals: {
          "iam:PassedToService": [
            "ec2.amazonaws.com",
            "eks.amazonaws.com",
            "pods.eks.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
          ],
        },
      });
    }
    const attach = deploying
      .flatMap(statements)
      .find(({ Action }) => Action.includes("iam:AttachRolePolicy"));
    const attachable = attach?.Condition?.ArnEquals?.["iam:PolicyARN"];
    expect(attachable).toContain("arn:aws:iam::aws:policy/AmazonEKSClusterPolicy");
    expect(attachable).not.toContain("arn:aws:iam::aws:policy/AdministratorAccess");
  });

  test("each fits a managed policy", () => {
    for (const [path, document] of Object.entries(documents)) {
      const filled = filledIn(JSON.stringify(document), {
        account: "123456789012",
        region: "ap-southeast-2",
        stack: "production-eu-1",
        bucket: "b".repeat(63),
      });
      expect(filled.replace(/\s/g, "").length, path).toBeLessThan(managedPolicyCharacters);
    }
  });

  test("only pull requests and main may preview, only the stack's environment may deploy", () => {
    const subjects = (path: string) =>
      statements(path)[0]?.Condition?.StringEquals?.["token.actions.githubusercontent.com:sub"];
    expect(subjects("policies/trust-preview.json")).toEqual([
      "repo:OWNER/REPOSITORY:pull_request",
      "repo:OWNER/REPOSITORY:ref:refs/heads/main",
    ]);
    expect(subjects("policies/trust-deploy.json")).toEqual(["repo:OWNER/REPOSITORY:environment:STACK"]);
  });

  test("filling in an account's values leaves no placeholder and takes no wildcard", () => {
    const all = Object.values(documents)
      .map((document) => JSON.stringify(document))
      .join("");
    const filled = filledIn(all, {
      account: "123456789012",
      region: "eu-west-1",
      stack: "prod",
      repository: "acme/serving",
      bucket: "acme-state",
      zone: "Z0123",
    });
    expect(filled).not.toMatch(/ACCOUNT_ID|REGION|STACK|OWNER|REPOSITORY|STATE_BUCKET|HOSTED_ZONE/);
    expect(filled).toContain("arn:aws:eks:eu-west-1:123456789012:cluster/inference-platform-prod");
    expect(() => filledIn(all, { repository: "*/*" })).toThrow("--repository */*");
  });
});
