import { Token } from "../../aws/tokens";
import type { Manifest, PlannedResource } from "../../plan/types";
import { code } from "../markup";
import { Action, type Danger, DangerKind } from "../types";
import { isObject } from "../values";
import { type Facts, some, subjectOf, subjectOfResource } from "./facts";

/** Rights in AWS that are given, and were not before, to what already exists. */
export function iamWidened({ base, changes }: Facts): Danger[] {
  const existing = new Set((base?.resources ?? []).map(({ urn }) => urn));
  return changes.flatMap((change): Danger[] => {
    const { before, after, diff } = change;
    if (!after) return [];
    const subject = subjectOfResource(change);
    const isGrant = diff.type === Token.RolePolicyAttachment || diff.type === Token.AccessPolicyAssociation;
    if (
      diff.action === Action.Create &&
      isGrant &&
      after.dependencies.some((urn) => isGrantee(urn, existing))
    ) {
      const { policyArn, principalArn, role } = after.inputs;
      return [
        {
          kind: DangerKind.Security,
          subject,
          text: `gives ${code(String(policyArn))} to ${code(String(principalArn ?? role))}`,
        },
      ];
    }
    if (!before) return [];
    const added = documents(after)
      .flatMap(grants)
      .filter((grant) => !documents(before).flatMap(grants).includes(grant));
    if (added.length === 0) return [];
    return [
      {
        kind: DangerKind.Security,
        subject,
        text: `**allows more**: ${some(added.map(code))}`,
      },
    ];
  });
}

/** A grant is widening when the role or the cluster that it is for was there before. */
function isGrantee(urn: string, existing: Set<string>): boolean {
  return existing.has(urn) && /role:Role::|cluster:Cluster::/.test(urn);
}

function documents({ inputs }: PlannedResource): unknown[] {
  return [inputs.policy, inputs.assumeRolePolicy].flatMap((text) => {
    try {
      return typeof text === "string" ? [JSON.parse(text)] : [];
    } catch {
      return [];
    }
  });
}

/** `s3:GetObject on arn:…` for everything that a policy document allows. */
function grants(document: unknown): string[] {
  const statements = list((document as { Statement?: unknown }).Statement).filter(isObject);
  return statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap((statement) => {
      const where = list(statement.Resource ?? statement.Principal);
      const conditional = statement.Condition === undefined ? "" : " (with a condition)";
      return list(statement.Action ?? statement.NotAction).flatMap((action) =>
        where.map((place) => {
          const text = typeof place === "string" ? place : JSON.stringify(place);
          return `${statement.Action === undefined ? "all but " : ""}${action} on ${text}${conditional}`;
        }),
      );
    });
}

const list = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Rights in the cluster that are given, and were not before, to what already exists. */
export function rbacWidened({ objects }: Facts): Danger[] {
  return objects.flatMap((pair): Danger[] => {
    const { before, after, ownerStays } = pair;
    if (!after || !ownerStays) return [];
    const kind = DangerKind.Security;
    if (
      !before &&
      /RoleBinding$/.test(after.kind) &&
      (after.roleRef as { name?: string })?.name === "cluster-admin"
    ) {
      return [{ kind, subject: subjectOf(pair), text: "gives **cluster-admin**" }];
    }
    if (!before || !/^(Cluster)?Role$/.test(after.kind)) return [];
    const known = rights(before);
    const added = rights(after).filter((right) => !known.includes(right));
    if (added.length === 0) return [];
    return [
      {
        kind,
        subject: subjectOf(pair),
        text: `**allows more**: ${some(added.map(code))}`,
      },
    ];
  });
}

function rights({ rules }: Manifest): string[] {
  return list(rules)
    .filter(isObject)
    .flatMap(({ verbs, resources, nonResourceURLs }) =>
      list(verbs).flatMap((verb) =>
        [...list(resources), ...list(nonResourceURLs)].map((what) => `${verb} ${what}`),
      ),
    );
}
