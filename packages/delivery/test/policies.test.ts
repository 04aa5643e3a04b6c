import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import {
  type ApiCall,
  callsOf,
  decide,
  filledIn,
  listOf,
  type PolicyDocument,
  type Principal,
  Step,
  Token,
} from "@inference-platform/planner";
import { beforeAll, describe, expect, test } from "vitest";
import { policyText } from "../src/policies/command";
import { managedPolicyCharacters, policyDocuments } from "../src/policies/documents";
import { accountOf, factsOf, type PolicyFacts, policyFacts } from "../src/policies/facts";
import {
  policyOf,
  principalOf,
  purposes,
  refusedOf,
  requestsOf,
  stackOf,
  stateReads,
  stateWrites,
  valuesOf,
} from "./role-requests";

const shipped = ["staging", "prod"];
let facts: PolicyFacts;
let documents: Record<string, PolicyDocument>;

beforeAll(async () => {
  facts = await policyFacts(projectRoot, shipped);
  documents = policyDocuments(facts);
}, 60_000);

describe("the policy files", () => {
  test("are what the stacks need now", () => {
    for (const [path, document] of Object.entries(documents)) {
      const text = readFileSync(join(projectRoot, path), "utf8");
      expect(text, `${path}: npm run policies`).toBe(policyText(document));
    }
  });

  test("an action without a known limit stops the generator and is named", () => {
    expect(() => policyDocuments({ ...facts, lifecycle: [...facts.lifecycle, "sqs:CreateQueue"] })).toThrow(
      "sqs:CreateQueue",
    );
  });

  test("allow whole actions, never a wildcard, but for the boundary's reads", () => {
    const actions = Object.entries(documents).flatMap(([path, { Statement }]) =>
      Statement.filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action }) => listOf(Action))
        .filter((action) => !(path.endsWith("boundary.json") && /^[a-z0-9]+:Describe\*$/.test(action))),
    );
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/.test(action))).toEqual([]);
  });

  test("each fits a managed policy, with long values too", () => {
    for (const [path, document] of Object.entries(documents)) {
      const long = {
        ...valuesOf("production-eu-central-1"),
        region: "ap-southeast-2",
        bucket: "b".repeat(63),
      };
      const filled = filledIn(JSON.stringify(document), long);
      expect(filled.replace(/\s/g, "").length, path).toBeLessThan(managedPolicyCharacters);
    }
  });

  test("with an account's values no placeholder is left, and all ARNs are of the region's partition", () => {
    const all = Object.values(documents)
      .map((document) => JSON.stringify(document))
      .join("");
    for (const [region, partition] of [
      ["us-east-1", "aws"],
      ["us-gov-west-1", "aws-us-gov"],
      ["eusc-de-east-1", "aws-eusc"],
    ]) {
      const filled = filledIn(all, { ...valuesOf("prod"), region });
      expect(filled).not.toMatch(
        /PARTITION|ACCOUNT_ID|REGION|STACK|OWNER|REPOSITORY|STATE_BUCKET|HOSTED_ZONE|DOMAIN/,
      );
      const others = [...filled.matchAll(/arn:([^:]*):/g)].filter((match) => match[1] !== partition);
      expect(others.map(([text]) => text)).toEqual([]);
    }
  });

  test("who may take which role", () => {
    const subject = (path: string) =>
      documents[`policies/trust-${path}.json`]?.Statement[0]?.Condition?.StringEquals?.[
        "token.actions.githubusercontent.com:sub"
      ];
    expect(subject("preview")).toEqual(["repo:OWNER/REPOSITORY:environment:STACK-preview"]);
    expect(subject("drift")).toEqual(["repo:OWNER/REPOSITORY:ref:refs/heads/main"]);
    expect(subject("deploy")).toEqual(["repo:OWNER/REPOSITORY:environment:STACK"]);
  });
});

test("what a setting adds is covered, within the stack", async () => {
  const settings = {
    cluster: JSON.stringify({ publicAccessCidrs: [], privateAccessCidrs: ["10.20.0.0/16"] }),
  };
  const wider = await accountOf(projectRoot, "staging", settings);
  const files = policyDocuments(factsOf([wider]));
  const policies = Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => path.includes("/deploy-"))
      .map(([path, document]) => [path, JSON.parse(filledIn(JSON.stringify(document), valuesOf("staging")))]),
  );
  const rule = wider.account.resources().find(({ type }) => type === Token.SecurityGroupIngressRule);
  if (!rule) throw new Error("no rule");
  const calls = Object.values(Step).flatMap((step) =>
    callsOf(step, rule, wider.account.view, { changed: ["description"] }),
  );
  expect(refusedOf({ ...principalOf("deploy", "staging"), policies }, calls)).toEqual([]);
  const others = calls.filter(({ action }) => /:(Authorize|Modify|Revoke)/.test(action));
  expect(others.length).toBeGreaterThan(2);
  for (const call of others) {
    const group = { arn: "arn:aws:ec2:us-east-1:123456789012:security-group/sg-other" };
    const prod = { ...group, tags: { "aws:eks:cluster-name": "inference-platform-prod" } };
    for (const resource of [group, prod]) {
      const principal = { ...principalOf("deploy", "staging"), policies };
      expect(refusalsOf(principal, { ...call, resources: [resource] }), call.action).toHaveLength(1);
    }
  }
});

describe.each(shipped)("the roles of %s", (stack) => {
  test.each(purposes)("%s may do what it is for", async (purpose) => {
    expect(refusedOf(principalOf(purpose, stack), await requestsOf(purpose, stack))).toEqual([]);
  });

  test("what preview and drift may do changes nothing", () => {
    const actions = ["preview", "drift"].flatMap((name) =>
      policyOf(name, stack).Statement.flatMap(({ Action }) => listOf(Action)),
    );
    expect([...new Set(actions.filter((action) => !/:(Get|List|Describe)/.test(action)))]).toEqual([
      "kms:Decrypt",
    ]);
  });

  test("a role that the program makes needs the boundary, and keeps it", async () => {
    const { account } = await stackOf(stack);
    const [role] = account.resources().filter(({ type }) => type === Token.Role);
    if (!role) throw new Error("no role");
    const deploy = principalOf("deploy", stack);
    const bare = { ...role, inputs: { ...role.inputs, permissionsBoundary: undefined } };
    const other = {
      ...role,
      inputs: { ...role.inputs, permissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess" },
    };
    for (const wrong of [bare, other]) {
      expect(refusedOf(deploy, callsOf(Step.Create, wrong, account.view))).toEqual([
        `iam:CreateRole ${role.outputs.arn}`,
      ]);
    }
    // Whatever else somebody attaches to the deploying role.
    const widened: Principal = { ...deploy, policies: { ...deploy.policies, more: everything } };
    const off = {
      action: "iam:DeleteRolePermissionsBoundary",
      resources: [{ arn: String(role.outputs.arn) }],
    };
    const changed = callsOf(Step.Update, bare, account.view, {
      news: other.inputs,
      changed: ["permissionsBoundary"],
    });
    const edited = ["CreatePolicyVersion", "DeletePolicy"].map((name) => ({
      action: `iam:${name}`,
      resources: [{ arn: `arn:aws:iam::123456789012:policy/inference-platform-boundary-${stack}` }],
    }));
    const itself = { action: "iam:PutRolePolicy", resources: [{ arn: deployArn(stack) }] };
    for (const call of [off, changed[0] as ApiCall, ...edited, itself]) {
      expect(refusalsOf(widened, call), call.action).toEqual([
        "with an explicit deny in an identity-based policy",
      ]);
    }
  });

  test("the boundary takes nothing away that the program's roles need", () => {
    const boundary = policyOf("boundary", stack);
    const needed = facts.granted.flatMap(({ Statement }) =>
      Statement.flatMap(({ Action, Condition }) =>
        listOf(Action).map((action) => ({
          action,
          services: listOf(Condition?.StringEquals?.["iam:AWSServiceName"]),
        })),
      ),
    );
    expect(needed.length).toBeGreaterThan(100);
    const taken = needed.filter(({ action, services }) => {
      const context: ApiCall["context"] = services.length > 0 ? { "iam:AWSServiceName": services } : {};
      const call: ApiCall = { action, resources: [], context };
      return refusalsOf({ arn: "pod", policies: { everything }, boundary }, call).length > 0;
    });
    expect(taken).toEqual([]);
  });

  test("whatever a role of the program is allowed, the boundary ends it", () => {
    const escaped: Principal = {
      arn: "arn:aws:sts::123456789012:assumed-role/cluster-node-abcdef1/pod",
      policies: { everything },
      boundary: policyOf("boundary", stack),
    };
    const tried: ApiCall[] = [
      { action: "iam:CreateUser", resources: [{ arn: "arn:aws:iam::123456789012:user/x" }] },
      { action: "iam:PutRolePolicy", resources: [{ arn: deployArn(stack) }] },
      { action: "sts:AssumeRole", resources: [{ arn: deployArn(stack) }] },
      { action: "secretsmanager:GetSecretValue", resources: [] },
      {
        action: "iam:CreateServiceLinkedRole",
        resources: [{ arn: "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/y" }],
        context: { "iam:AWSServiceName": "x.amazonaws.com" },
      },
      ...shipped.flatMap((each) => [...stateReads(each), ...stateWrites(each)]),
    ];
    expect(tried.filter((call) => refusalsOf(escaped, call).length === 0)).toEqual([]);
  });
});

describe("no role reaches further", () => {
  test.each([
    ["staging", "prod"],
    ["prod", "staging"],
  ])("that of %s can neither read nor change the state of %s", (mine, theirs) => {
    for (const purpose of purposes) {
      const calls = [...stateReads(theirs), ...stateWrites(theirs)].filter(
        ({ action }) => action !== "s3:ListBucket",
      );
      const refused = refusedOf(principalOf(purpose, mine), calls);
      expect(refused.map((line) => line.split(" ")[0])).toEqual([
        "kms:Decrypt",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject",
      ]);
    }
  });

  test("nor make, change or delete what is the other stack's, but for what is told here", async () => {
    const deploy = principalOf("deploy", "staging");
    const calls = await requestsOf("deploy", "prod");
    const writes = calls.filter(({ action }) => !/:(Get|List|Describe)/.test(action));
    const open = writes.filter((call) => refusalsOf(deploy, call).length === 0).map(({ action }) => action);
    expect([...new Set(open)].sort()).toEqual(sharedWrites);
  });

  test("nor a stack whose name begins the same", async () => {
    const deploy = principalOf("deploy", "pro");
    const calls = await requestsOf("deploy", "prod");
    const writes = calls.filter(({ action }) => !/:(Get|List|Describe)/.test(action));
    const open = writes.filter((call) => refusalsOf(deploy, call).length === 0).map(({ action }) => action);
    expect([...new Set(open)].sort()).toEqual(sharedWrites);
  });

  test("nothing can be made the stack's that is somebody's already", () => {
    const deploy = principalOf("deploy", "staging");
    const tag = { "inference-platform/cluster": "inference-platform-staging" };
    const request = {
      "aws:RequestTag/inference-platform/cluster": "inference-platform-staging",
      "aws:TagKeys": Object.keys(tag),
    };
    const others = { "inference-platform/cluster": "inference-platform-prod" };
    const claims: ApiCall[] = [
      ...["vpc/vpc-1", "security-group/sg-1", "launch-template/lt-1"].map((path) => ({
        action: "ec2:CreateTags",
        resources: [{ arn: `arn:aws:ec2:us-east-1:123456789012:${path}`, tags: others }],
        context: request,
      })),
      { action: "kms:TagResource", resources: [{ arn: keyArn, tags: others }], context: request },
      {
        // A key of somebody who does not tag: that of a stack's secrets, for one.
        action: "kms:TagResource",
        resources: [{ arn: keyArn, context: { "kms:ResourceAliases": ["alias/pulumi-secrets-prod"] } }],
        context: request,
      },
      {
        action: "acm:AddTagsToCertificate",
        resources: [{ arn: "arn:aws:acm:us-east-1:123456789012:certificate/c", tags: others }],
        context: request,
      },
      {
        action: "iam:PutRolePermissionsBoundary",
        resources: [{ arn: "arn:aws:iam::123456789012:role/Admin" }],
        context: {
          "iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/inference-platform-boundary-staging",
        },
      },
      {
        action: "iam:TagRole",
        resources: [{ arn: "arn:aws:iam::123456789012:role/Admin" }],
        context: request,
      },
      {
        action: "iam:UpdateAssumeRolePolicy",
        resources: [{ arn: "arn:aws:iam::123456789012:role/Admin", tags: tag }],
      },
      { action: "kms:CreateGrant", resources: [{ arn: keyArn }] },
      { action: "kms:PutKeyPolicy", resources: [{ arn: keyArn, tags: tag }] },
      {
        action: "ec2:RunInstances",
        resources: ["instance/*", "launch-template/lt-1"].map((path) => ({
          arn: `arn:aws:ec2:us-east-1:123456789012:${path}`,
          context: { "ec2:LaunchTemplate": "arn:aws:ec2:us-east-1:123456789012:launch-template/lt-1" },
        })),
      },
    ];
    expect(claims.filter((call) => refusalsOf(deploy, call).length === 0)).toEqual([]);
  });

  test("no statement grants an action that nothing asks for by it", async () => {
    for (const purpose of purposes) {
      const used = new Set<string>();
      for (const stack of shipped) {
        for (const call of await requestsOf(purpose, stack)) {
          for (const { by } of decide(principalOf(purpose, stack), call, "us-east-1")) {
            for (const { policy, statement } of by) used.add(`${policy} ${statement} ${call.action}`);
          }
        }
      }
      const granted = Object.entries(principalOf(purpose, "prod").policies).flatMap(
        ([policy, { Statement }]) =>
          Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Sid, Action }) =>
            listOf(Action).map((action) => `${policy} ${Sid} ${action}`),
          ),
      );
      expect(granted.filter((each) => !used.has(each) && !(each in reasons))).toEqual([]);
    }
  });
});

/** Rights that no request of the shipped stacks' lives needs. */
const reasons: Record<string, string> = {
  "deploy-network ClusterSecurityGroup ec2:RevokeSecurityGroupIngress":
    "cluster.privateAccessCidrs, once set",
};

/** Writes for which AWS has nothing that tells stacks apart: docs/delivery.md names them. */
const sharedWrites = [
  // A role that AWS makes for itself, once in an account.
  "iam:CreateServiceLinkedRole",
  // IAM knows nothing but the names, which have no stack in them; what is passed stays within its boundary.
  "iam:PassRole",
  "iam:TagRole",
  "iam:UntagRole",
  // What is needed before KMS knows a key's tags: it neither opens nor ends anything.
  "kms:CreateGrant",
  "kms:EnableKeyRotation",
  // AWS knows no resource for them.
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
];

const everything: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};
const keyArn = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111";
const deployArn = (stack: string) => `arn:aws:iam::123456789012:role/inference-platform-deploy-${stack}`;

/** Why a request is refused; empty when it is not. */
function refusalsOf(principal: Principal, call: ApiCall): string[] {
  return decide(principal, call, "us-east-1").flatMap(({ refusal }) => refusal ?? []);
}
