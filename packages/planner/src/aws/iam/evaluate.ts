import { conditionsHold, wildcard } from "./conditions";
import { listOf, type PolicyDocument, type PolicyStatement } from "./document";
import type { ApiCall, RequestContext, RequestedResource } from "./request";

/** Who asks, and what the account lets it do. */
export interface Principal {
  /** ARN of the session: `arn:aws:sts::111122223333:assumed-role/name/session`. */
  arn: string;
  /** Its identity-based policies, by name. */
  policies: Record<string, PolicyDocument>;
  /** Its permissions boundary. @default none */
  boundary?: PolicyDocument;
}

/** Why a request is refused; the words are AWS's. */
export const Refusal = {
  Identity: "because no identity-based policy allows the",
  Boundary: "because no permissions boundary allows the",
  DenyIdentity: "with an explicit deny in an identity-based policy",
  DenyBoundary: "with an explicit deny in a permissions boundary",
} as const;
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

/** A statement of one of the principal's policies. */
export interface NamedStatement {
  /** Name of the policy. */
  policy: string;
  /** Its `Sid`, or its place in the policy. */
  statement: string;
}

/** The answer for one resource of a request. */
export interface Decision {
  /** The ARN; `*` for actions that know no resources. */
  resource: string;
  allowed: boolean;
  /** Statements of the identity-based policies that allow it. */
  by: NamedStatement[];
  refusal?: Refusal;
}

/**
 * What IAM answers to a request within one account: an explicit deny ends it, a boundary must allow it, and so must an
 * identity-based policy. Policies of resources, of organizations and of sessions are not part of it. Source: "Policy
 * evaluation logic" in the IAM User Guide (read 2026-11).
 *
 * @returns a decision for each resource; all of them must be allowed
 * @throws Error for elements of policies that are not known here
 */
export function decide(principal: Principal, call: ApiCall, region: string): Decision[] {
  const resources: RequestedResource[] = call.resources.length > 0 ? call.resources : [{ arn: "*" }];
  return resources.map((resource) => {
    const context = contextOf(principal, call, resource, region);
    const identity = statementsOf(principal.policies).filter(({ rule }) =>
      applies(rule, call.action, resource.arn, context),
    );
    const boundary = principal.boundary?.Statement.filter((rule) =>
      applies(rule, call.action, resource.arn, context),
    );
    const by = identity.filter(({ rule }) => rule.Effect === "Allow").map(({ named }) => named);
    const refusal = refusalOf(
      identity.map(({ rule }) => rule),
      boundary,
    );
    return { resource: resource.arn, allowed: refusal === undefined, by, ...(refusal && { refusal }) };
  });
}

function refusalOf(
  identity: PolicyStatement[],
  boundary: PolicyStatement[] | undefined,
): Refusal | undefined {
  const has = (rules: PolicyStatement[], effect: string) => rules.some((rule) => rule.Effect === effect);
  if (has(identity, "Deny")) return Refusal.DenyIdentity;
  if (boundary && has(boundary, "Deny")) return Refusal.DenyBoundary;
  if (!has(identity, "Allow")) return Refusal.Identity;
  if (boundary && !has(boundary, "Allow")) return Refusal.Boundary;
  return undefined;
}

function statementsOf(policies: Record<string, PolicyDocument>) {
  return Object.entries(policies).flatMap(([policy, document]) =>
    document.Statement.map((rule, i) => ({ rule, named: { policy, statement: rule.Sid ?? String(i) } })),
  );
}

function applies(rule: PolicyStatement, action: string, arn: string, context: RequestContext): boolean {
  return (
    listed(rule.Action, rule.NotAction, (pattern) =>
      wildcard(pattern.toLowerCase()).test(action.toLowerCase()),
    ) &&
    listed(rule.Resource, rule.NotResource, (pattern) => wildcard(pattern).test(arn)) &&
    conditionsHold(rule.Condition ?? {}, context)
  );
}

function listed(
  wanted: string | string[] | undefined,
  unwanted: string | string[] | undefined,
  matches: (pattern: string) => boolean,
): boolean {
  return wanted === undefined ? !listOf(unwanted).some(matches) : listOf(wanted).some(matches);
}

/** Services that answer in one region for the whole partition, with that region. Source: "Global condition keys", aws:RequestedRegion. */
const globalServices = ["iam", "route53"];

function contextOf(
  principal: Principal,
  call: ApiCall,
  resource: RequestedResource,
  region: string,
): RequestContext {
  const service = call.action.split(":")[0] ?? "";
  const tags = Object.entries(resource.tags ?? {});
  return {
    "aws:PrincipalArn": principal.arn.replace(/:sts:(.*):assumed-role\/([^/]+)\/.*$/, ":iam:$1:role/$2"),
    "aws:RequestedRegion": globalServices.includes(service) ? globalRegion(region) : region,
    ...Object.fromEntries(
      tags.flatMap(([key, value]) =>
        ["aws", service].map((prefix) => [`${prefix}:ResourceTag/${key}`, value]),
      ),
    ),
    ...call.context,
    ...resource.context,
  };
}

function globalRegion(region: string): string {
  if (region.startsWith("us-gov-")) return "us-gov-west-1";
  return region.startsWith("cn-") ? "cn-northwest-1" : "us-east-1";
}

/** The codes with which services refuse; the others say `AccessDeniedException`. Source: botocore 1.44.8's service models. */
const codes: Record<string, string> = {
  ec2: "UnauthorizedOperation",
  iam: "AccessDenied",
  autoscaling: "AccessDenied",
  route53: "AccessDenied",
  s3: "AccessDenied",
};

/** A refusal as AWS words it. Source: "Troubleshoot access denied error messages" in the IAM User Guide (read 2026-11). */
export function refusalText(principal: Principal, action: string, decision: Decision): [string, string] {
  const { resource, refusal = Refusal.Identity } = decision;
  const service = action.split(":")[0] ?? "";
  const on = resource === "*" ? "" : ` on resource: ${resource}`;
  const why = refusal.startsWith("because") ? `${refusal} ${action} action` : refusal;
  const sentence = `User: ${principal.arn} is not authorized to perform: ${action}${on} ${why}`;
  return [
    codes[service] ?? "AccessDeniedException",
    service === "ec2" ? `You are not authorized to perform this operation. ${sentence}` : sentence,
  ];
}
