import { UserError } from "@inference-platform/kit";
import { listOf, type PolicyDocument, type PolicyStatement } from "@inference-platform/planner";
import type { PolicyFacts } from "./facts";
import { boundaryArn, runnerName } from "./names";
import { iam, type RoleScopes, type Scope, scopesOf } from "./scopes";
import { stateRead, stateWrite } from "./state";
import { trust } from "./trust";

/** Most characters, white space not counted, of a managed policy. Source: IAM quotas. */
export const managedPolicyCharacters = 6144;

/** Services whose actions go into each policy of the deploying role: together they are too long for one. */
const areas: Record<string, string[]> = {
  network: ["ec2"],
  cluster: ["autoscaling", "eks", "logs"],
  access: ["acm", "kms", "route53"],
  roles: ["iam"],
};

/** The role policies by path in the repository, for stacks that contain this. */
export function policyDocuments(facts: PolicyFacts): Record<string, PolicyDocument> {
  const scopes = scopesOf(roleScopes(facts));
  const served = Object.values(areas).flat();
  const unknown = [...facts.lookups, ...facts.lifecycle].filter(
    (action) => !scopes[action] || !served.includes(action.split(":")[0] ?? ""),
  );
  if (unknown.length > 0) {
    throw new UserError(
      `What ${[...new Set(unknown)].join(", ")} may be limited to is not known. Add a row for each to packages/delivery/src/policies/scopes.ts.`,
    );
  }
  const document = (wanted: Wanted[], more: PolicyStatement[] = []): PolicyDocument => ({
    Version: "2012-10-17",
    Statement: [...statements(wanted), ...more],
  });
  // The program looks up the role that runs it, a refresh only the roles that are the program's.
  const lookups = (purpose: string) => ({
    actions: facts.lookups,
    scopes: {
      ...scopes,
      "iam:GetRole": [{ sid: "Runner", resources: [iam(`role/${runnerName(purpose)}`)] }],
    },
  });
  const reads = {
    actions: facts.reads,
    scopes: { ...scopes, "iam:GetRole": [scopes["iam:GetRole"]?.[0] as Scope] },
  };
  const deploying = [{ actions: facts.lifecycle, scopes }, lookups("deploy")];
  const deploy = (area: string, more: PolicyStatement[] = []) =>
    document(
      deploying.map((wanted) => ({
        ...wanted,
        actions: wanted.actions.filter((action) => areas[area]?.includes(action.split(":")[0] ?? "")),
      })),
      more,
    );
  return {
    "policies/preview.json": document([lookups("preview")], stateRead),
    "policies/drift.json": document([reads, lookups("drift")], stateRead),
    "policies/deploy-network.json": deploy("network"),
    "policies/deploy-cluster.json": deploy("cluster", [...stateRead, ...stateWrite]),
    "policies/deploy-access.json": deploy("access"),
    "policies/deploy-roles.json": deploy("roles", guard),
    "policies/boundary.json": boundary(facts.granted),
    // A reviewed environment: whoever can push a branch may ask for it, and reads the state's secrets with it.
    "policies/trust-preview.json": trust("environment:STACK-preview"),
    "policies/trust-drift.json": trust("ref:refs/heads/main"),
    "policies/trust-deploy.json": trust("environment:STACK"),
  };
}

/** Actions that a document needs, and what each is limited to. */
interface Wanted {
  actions: string[];
  scopes: Record<string, Scope[]>;
}

/** A statement for each scope, in the order of the actions' names. */
function statements(wanted: Wanted[]): PolicyStatement[] {
  const byScope = new Map<Scope, Set<string>>();
  for (const { actions, scopes } of wanted) {
    for (const action of actions) {
      for (const scope of scopes[action] ?? []) {
        byScope.set(scope, (byScope.get(scope) ?? new Set()).add(action));
      }
    }
  }
  return [...byScope].map(([{ sid, resources, condition }, granted]) => ({
    Sid: sid,
    Effect: "Allow",
    Action: [...granted].sort(),
    Resource: resources,
    ...(condition && { Condition: condition }),
  }));
}

const bounded = { "iam:PermissionsBoundary": boundaryArn };

/**
 * IAM's scopes. What belongs to a stack is told by the boundary, which is there from a role's first moment and differs from
 * stack to stack; where IAM does not know it (tags, `iam:PassRole`), by the names.
 */
function roleScopes(facts: PolicyFacts): RoleScopes {
  // Seven characters, as the engine's names end: `cluster-*` would be half of the account's roles.
  const named = facts.roles.map((name) => iam(`role/${name}-???????`));
  const any = [iam("role/*")];
  const policies = facts.managedPolicies.map((arn) => arn.replace(/^arn:[^:]+:/, "arn:PARTITION:"));
  return {
    named: { sid: "RolesByName", resources: named },
    bound: { sid: "RolesToBind", resources: named, condition: { StringEquals: bounded } },
    own: { sid: "RolesOwn", resources: any, condition: { StringEquals: bounded } },
    attach: {
      sid: "Attach",
      resources: any,
      condition: { StringEquals: bounded, ArnEquals: { "iam:PolicyARN": policies } },
    },
    pass: {
      sid: "Pass",
      resources: named,
      condition: { StringEquals: { "iam:PassedToService": facts.services } },
    },
    serviceLinked: {
      sid: "ServiceLinked",
      resources: [iam("role/aws-service-role/*")],
      condition: { StringEquals: { "iam:AWSServiceName": facts.serviceLinked } },
    },
    serviceLinkedReads: {
      sid: "ServiceLinkedReads",
      resources: facts.serviceLinked.map((service) => iam(`role/aws-service-role/${service}/*`)),
    },
  };
}

/** What no other policy on the deploying role can give back: to take the boundary off, to change it, or itself. */
const guard: PolicyStatement[] = [
  {
    Sid: "KeepBoundaries",
    Effect: "Deny",
    Action: ["iam:DeleteRolePermissionsBoundary"],
    Resource: ["*"],
  },
  {
    Sid: "OneBoundary",
    Effect: "Deny",
    Action: ["iam:PutRolePermissionsBoundary"],
    Resource: ["*"],
    Condition: { StringNotEquals: bounded },
  },
  {
    Sid: "KeepPolicies",
    Effect: "Deny",
    Action: [
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:SetDefaultPolicyVersion",
    ],
    Resource: [iam("policy/inference-platform-*")],
  },
  {
    Sid: "KeepRunners",
    Effect: "Deny",
    Action: ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy"],
    Resource: [iam("role/inference-platform-*")],
  },
];

/**
 * The most that a role of the stack may do: what the roles' own policies allow, together, whatever anybody writes into
 * them. The state's keys are out of reach. Reads are written short: `ec2:Describe*`.
 */
function boundary(granted: PolicyDocument[]): PolicyDocument {
  const linking = "iam:CreateServiceLinkedRole";
  const allowed = granted.flatMap(({ Statement }) => Statement).filter(({ Effect }) => Effect === "Allow");
  const actions = allowed
    .flatMap(({ Action }) => listOf(Action))
    .filter((action) => action !== linking)
    .map((action) => action.replace(/:Describe.*$/, ":Describe*"));
  const linked = allowed
    .filter(({ Action }) => listOf(Action).includes(linking))
    .flatMap(({ Condition }) => listOf(Condition?.StringEquals?.["iam:AWSServiceName"]));
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "Most", Effect: "Allow", Action: [...new Set(actions)].sort(), Resource: ["*"] },
      {
        Sid: "ServiceLinked",
        Effect: "Allow",
        Action: [linking],
        Resource: ["*"],
        Condition: { StringEquals: { "iam:AWSServiceName": [...new Set(linked)].sort() } },
      },
      {
        Sid: "StateKeys",
        Effect: "Deny",
        Action: ["kms:*"],
        Resource: ["*"],
        Condition: { "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/pulumi-secrets-*" } },
      },
    ],
  };
}
