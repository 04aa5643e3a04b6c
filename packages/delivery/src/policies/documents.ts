import { UserError } from "@inference-platform/kit";
import type { Grants, TypePermissions } from "./grants";
import { lookups, permissions, stateRead, stateWrite } from "./table";
import { type Target, type TargetName, targets } from "./targets";

/** What the policies must know of the resources that the stacks contain. */
export interface PolicyFacts {
  /** AWS resource types, as Pulumi names them. */
  types: string[];
  /** Logical names of the IAM roles. The engine adds a dash and seven hex digits. */
  roles: string[];
  /** Services that the roles trust. */
  services: string[];
  /** ARNs of the managed policies that are attached to them. */
  managedPolicies: string[];
}

/** A statement of an IAM policy. */
export interface Statement {
  Sid?: string;
  Effect: "Allow";
  Principal?: Record<string, string>;
  Action: string[];
  Resource?: string[];
  Condition?: Target["condition"];
}

/** An IAM policy. */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

/** Most characters, white space not counted, of a managed policy. Source: IAM quotas. */
export const managedPolicyCharacters = 6144;

/** Roles that AWS makes for itself when a first cluster, node group or spot instance is asked for. */
const serviceLinked = [
  "autoscaling.amazonaws.com",
  "eks-nodegroup.amazonaws.com",
  "eks.amazonaws.com",
  "spot.amazonaws.com",
];

/** The role policies by path in the repository, for stacks that contain this. */
export function policyDocuments(facts: PolicyFacts): Record<string, PolicyDocument> {
  const areas = Object.values(permissions);
  const unknown = facts.types.filter((type) => !areas.some((area) => area[type]));
  if (unknown.length > 0) {
    throw new UserError(
      `No permissions are known for ${unknown.join(", ")}. Add a row for each to packages/delivery/src/policies/.`,
    );
  }
  const rowsOf = (area: Record<string, TypePermissions> = {}) =>
    facts.types.flatMap((type) => area[type] ?? []);
  const resolve = targetsOf(facts);
  const deploy = (area: string, ...more: Grants[]) =>
    document([...rowsOf(permissions[area]).flatMap(allOf), ...more], resolve);
  const reads = areas.flatMap((area) => rowsOf(area).map((row) => row.read));
  return {
    "policies/preview.json": forEveryStack(document([...reads, lookups, stateRead], resolve)),
    "policies/deploy-network.json": deploy("network", lookups),
    "policies/deploy-cluster.json": deploy("cluster"),
    "policies/deploy-access.json": deploy("access", stateRead, stateWrite),
    // Pull requests, and the nightly look for drift on main.
    "policies/trust-preview.json": trust([
      "repo:OWNER/REPOSITORY:pull_request",
      "repo:OWNER/REPOSITORY:ref:refs/heads/main",
    ]),
    "policies/trust-deploy.json": trust(["repo:OWNER/REPOSITORY:environment:STACK"]),
  };
}

function allOf(row: TypePermissions): Grants[] {
  return [row.read, row.create, row.update ?? {}, row.delete];
}

/** One statement for each target, in the order of the table. */
function document(grants: Grants[], resolve: (name: TargetName) => Target): PolicyDocument {
  const byTarget = new Map<TargetName, Set<string>>();
  for (const [name, actions] of grants.flatMap(
    (grant) => Object.entries(grant) as [TargetName, string[]][],
  )) {
    const collected = byTarget.get(name) ?? new Set();
    for (const action of actions) collected.add(action);
    byTarget.set(name, collected);
  }
  const statements = [...byTarget].map(([name, actions]): Statement => {
    const { resources, condition } = resolve(name);
    return {
      Sid: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      Effect: "Allow",
      Action: [...actions].sort(),
      Resource: resources,
      ...(condition && { Condition: condition }),
    };
  });
  return { Version: "2012-10-17", Statement: statements };
}

function targetsOf(facts: PolicyFacts): (name: TargetName) => Target {
  // Seven characters, as the engine's names end: `cluster-*` would be half of the account's roles.
  const resources = facts.roles.map((name) => `arn:aws:iam::ACCOUNT_ID:role/${name}-???????`);
  const planned: Record<string, Target> = {
    roles: { resources },
    passRole: { resources, condition: { StringEquals: { "iam:PassedToService": facts.services } } },
    attach: { resources, condition: { ArnEquals: { "iam:PolicyARN": facts.managedPolicies } } },
    serviceLinkedRoles: {
      resources: ["arn:aws:iam::ACCOUNT_ID:role/aws-service-role/*"],
      condition: { StringEquals: { "iam:AWSServiceName": serviceLinked } },
    },
  };
  const all: Record<string, Target> = { ...targets, ...planned };
  return (name) => all[name] as Target;
}

/** One role previews all stacks: it reads what belongs to any of them. */
function forEveryStack(policy: PolicyDocument): PolicyDocument {
  return JSON.parse(JSON.stringify(policy).replaceAll("STACK*", "*").replaceAll("STACK", "*"));
}

/** Who may take a role: workflows of one repository, in the named circumstances, with a token of GitHub's. */
function trust(subjects: string[]): PolicyDocument {
  const issuer = "token.actions.githubusercontent.com";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::ACCOUNT_ID:oidc-provider/${issuer}` },
        Action: ["sts:AssumeRoleWithWebIdentity"],
        Condition: {
          StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: subjects },
        },
      },
    ],
  };
}
