import { Token } from "../../tokens";
import { type ApiCall, type RequestContext, type RequestedResource, requestTags } from "../request";
import { about, anywhere, isTagged, none, type Scene, type TypeCalls, tagContext, tagsOf } from "./scene";

/** The boundary of a role, under the key by which policies ask for it. */
const boundaryOf = (inputs: { permissionsBoundary?: unknown } | undefined): RequestContext =>
  inputs?.permissionsBoundary === undefined
    ? {}
    : { "iam:PermissionsBoundary": String(inputs.permissionsBoundary) };

/** A role by its name, or by its ARN. */
function roleOf({ account }: Scene, given: unknown): RequestedResource {
  const role = account
    .all(Token.Role)
    .find((each) => each.inputs.name === given || each.outputs.arn === given);
  const arn = role ? String(role.outputs.arn) : account.globalArn("iam", `role/${given}`);
  return { arn, tags: tagsOf(role?.inputs ?? {}), context: boundaryOf(role?.inputs) };
}

const ownRole = ({ account, before }: Scene): RequestedResource => ({
  arn: account.globalArn("iam", `role${before.path ?? "/"}${before.name}`),
  tags: tagsOf(before),
  context: boundaryOf(before),
});
/** With the boundary that the request gives it. */
const boundRole = (scene: Scene): RequestedResource => ({
  ...ownRole(scene),
  context: boundaryOf(scene.inputs),
});
const untagged = (resource: RequestedResource): RequestedResource => ({ ...resource, tags: {} });

const onRole =
  (...actions: string[]) =>
  (scene: Scene): ApiCall[] =>
    about([roleOf(scene, scene.inputs.role)], actions);

const attach = (action: string) => (scene: Scene) =>
  about([roleOf(scene, scene.inputs.role)], [action], { "iam:PolicyARN": String(scene.inputs.policyArn) });

const key = ({ account, id, before }: Scene): RequestedResource => ({
  arn: account.arn("kms", `key/${id}`),
  tags: tagsOf(before),
});
const newKey = (scene: Scene): RequestedResource => untagged(key(scene));

/** The alias and the key: KMS asks for the right on both. `young`: KMS knows the tags of a new key by and by. */
const aliased = (scene: Scene, young: boolean): RequestedResource[] => {
  const { account, inputs } = scene;
  const target = account.find(Token.Key, inputs.targetKeyId);
  return [
    { arn: account.arn("kms", String(inputs.name)) },
    {
      arn: account.arn("kms", `key/${inputs.targetKeyId}`),
      tags: young ? {} : tagsOf(target?.inputs ?? {}),
    },
  ];
};

const logGroup = ({ account, inputs }: Scene) => [{ arn: account.arn("logs", `log-group:${inputs.name}`) }];
const certificate = ({ account, id, before }: Scene, tags = tagsOf(before)) => [
  { arn: id.startsWith("arn:") ? id : account.arn("acm", `certificate/${id}`), tags },
];
const zone = ({ account, inputs }: Scene) => [
  { arn: `arn:${account.partition}:route53:::hostedzone/${inputs.zoneId}` },
];
const change = ({ account }: Scene) => [{ arn: `arn:${account.partition}:route53:::change/C0` }];

const changeRecords = (action: string) => (scene: Scene) => [
  ...about(zone(scene), ["route53:ChangeResourceRecordSets"], {
    "route53:ChangeResourceRecordSetsActions": action,
    "route53:ChangeResourceRecordSetsNormalizedRecordNames": String(scene.inputs.name).replace(/\.$/, ""),
    "route53:ChangeResourceRecordSetsRecordTypes": String(scene.inputs.type),
  }),
  ...about(change(scene), ["route53:GetChange"]),
];

/**
 * Identities, keys, logs, certificates and records. Source: internal/service/{iam,kms,logs,acm,route53} of
 * hashicorp/terraform-provider-aws (files of 2025 and 2026, read 2026-11).
 */
export const accessCalls: Record<string, TypeCalls> = {
  // logs/group.go
  [Token.LogGroup]: {
    create: (scene) => [
      ...about(logGroup(scene), ["logs:CreateLogGroup"], tagContext(scene)),
      ...(isTagged(scene) ? about(logGroup(scene), ["logs:TagResource"], tagContext(scene)) : []),
      ...(Number(scene.inputs.retentionInDays ?? 0) > 0
        ? about(logGroup(scene), ["logs:PutRetentionPolicy"])
        : []),
    ],
    read: (scene) => [
      ...anywhere("logs:DescribeLogGroups"),
      ...about(logGroup(scene), ["logs:ListTagsForResource"]),
    ],
    update: {
      retentionInDays: (scene) => about(logGroup(scene), ["logs:PutRetentionPolicy"]),
      tags: (scene) => [
        ...about(logGroup(scene), ["logs:TagResource"], tagContext(scene)),
        ...about(logGroup(scene), ["logs:UntagResource"], { "aws:TagKeys": ["old"] }),
      ],
    },
    delete: (scene) => about(logGroup(scene), ["logs:DeleteLogGroup"]),
  },
  // iam/role.go
  [Token.Role]: {
    create: (scene) => [
      ...about([untagged(ownRole(scene))], ["iam:CreateRole"], tagContext(scene)),
      ...(isTagged(scene) ? about([untagged(ownRole(scene))], ["iam:TagRole"], tagContext(scene)) : []),
    ],
    read: (scene) =>
      about(
        [ownRole(scene)],
        ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:GetRolePolicy"],
      ),
    update: {
      assumeRolePolicy: (scene) => about([ownRole(scene)], ["iam:UpdateAssumeRolePolicy"]),
      description: (scene) => about([ownRole(scene)], ["iam:UpdateRoleDescription"]),
      maxSessionDuration: (scene) => about([ownRole(scene)], ["iam:UpdateRole"]),
      permissionsBoundary: (scene) => about([boundRole(scene)], ["iam:PutRolePermissionsBoundary"]),
      tags: (scene) => [
        ...about([ownRole(scene)], ["iam:TagRole"], tagContext(scene)),
        ...about([ownRole(scene)], ["iam:UntagRole"], { "aws:TagKeys": ["old"] }),
      ],
    },
    delete: (scene) => about([ownRole(scene)], ["iam:ListInstanceProfilesForRole", "iam:DeleteRole"]),
  },
  // iam/role_policy.go
  [Token.RolePolicy]: {
    create: onRole("iam:PutRolePolicy"),
    read: onRole("iam:GetRolePolicy"),
    update: { policy: onRole("iam:PutRolePolicy") },
    delete: onRole("iam:DeleteRolePolicy"),
  },
  // iam/role_policy_attachment.go
  [Token.RolePolicyAttachment]: {
    create: attach("iam:AttachRolePolicy"),
    read: onRole("iam:ListAttachedRolePolicies"),
    update: {},
    delete: attach("iam:DetachRolePolicy"),
  },
  // kms/key.go
  [Token.Key]: {
    create: (scene) => [
      { action: "kms:CreateKey", resources: [], context: tagContext(scene) },
      ...(isTagged(scene) ? about([newKey(scene)], ["kms:TagResource"], tagContext(scene)) : []),
      ...(scene.inputs.enableKeyRotation === true ? about([newKey(scene)], ["kms:EnableKeyRotation"]) : []),
      ...keyReads(newKey(scene)),
    ],
    read: (scene) => keyReads(key(scene)),
    update: {
      description: (scene) => about([key(scene)], ["kms:UpdateKeyDescription"]),
      enableKeyRotation: (scene) => about([key(scene)], ["kms:EnableKeyRotation", "kms:DisableKeyRotation"]),
      policy: (scene) => about([key(scene)], ["kms:PutKeyPolicy"]),
      tags: (scene) => [
        ...about([key(scene)], ["kms:TagResource"], tagContext(scene)),
        ...about([key(scene)], ["kms:UntagResource"], { "aws:TagKeys": ["old"] }),
      ],
    },
    delete: (scene) => about([key(scene)], ["kms:ScheduleKeyDeletion"]),
  },
  // kms/alias.go
  [Token.Alias]: {
    create: (scene) => about(aliased(scene, true), ["kms:CreateAlias"]),
    read: () => anywhere("kms:ListAliases"),
    update: { targetKeyId: (scene) => about(aliased(scene, true), ["kms:UpdateAlias"]) },
    delete: (scene) => about(aliased(scene, false), ["kms:DeleteAlias"]),
  },
  // acm/certificate.go
  [Token.Certificate]: {
    create: (scene) => {
      const { domainName, subjectAlternativeNames = [] } = scene.inputs as {
        domainName?: string;
        subjectAlternativeNames?: string[];
      };
      const names = [...new Set([domainName ?? "", ...subjectAlternativeNames])];
      return [
        {
          action: "acm:RequestCertificate",
          resources: [],
          context: { ...tagContext(scene), "acm:DomainNames": names, "acm:ValidationMethod": "DNS" },
        },
        ...(isTagged(scene)
          ? about(certificate(scene, {}), ["acm:AddTagsToCertificate"], tagContext(scene))
          : []),
      ];
    },
    read: (scene) => about(certificate(scene), ["acm:DescribeCertificate", "acm:ListTagsForCertificate"]),
    update: {
      options: (scene) => about(certificate(scene), ["acm:UpdateCertificateOptions"]),
      tags: (scene) => [
        ...about(certificate(scene), ["acm:AddTagsToCertificate"], tagContext(scene)),
        ...about(certificate(scene), ["acm:RemoveTagsFromCertificate"], requestTags({ old: "" })),
      ],
    },
    delete: (scene) => about(certificate(scene), ["acm:DeleteCertificate"]),
  },
  // acm/certificate_validation.go
  [Token.CertificateValidation]: {
    create: none,
    read: ({ account, inputs }) => {
      const arn = String(inputs.certificateArn);
      const made = account.all(Token.Certificate).find((each) => each.outputs.arn === arn);
      return about([{ arn, tags: tagsOf(made?.inputs ?? {}) }], ["acm:DescribeCertificate"]);
    },
    update: {},
    delete: none,
  },
  // route53/record.go
  [Token.Record]: {
    create: (scene) => [...about(zone(scene), ["route53:GetHostedZone"]), ...changeRecords("CREATE")(scene)],
    read: (scene) => about(zone(scene), ["route53:GetHostedZone", "route53:ListResourceRecordSets"]),
    update: { records: changeRecords("UPSERT"), ttl: changeRecords("UPSERT") },
    delete: changeRecords("DELETE"),
  },
};

const keyReads = (resource: RequestedResource): ApiCall[] =>
  about(
    [resource],
    ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
  );
