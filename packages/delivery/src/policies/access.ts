import type { TypePermissions } from "./grants";

/** Identities, keys, logs, certificates and records. See `table.ts`. */
export const accessPermissions: Record<string, TypePermissions> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    read: { region: ["logs:DescribeLogGroups"], logsOwn: ["logs:ListTagsForResource"] },
    create: { logsOwn: ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"] },
    update: { logsOwn: ["logs:DeleteRetentionPolicy", "logs:UntagResource"] },
    delete: { logsOwn: ["logs:DeleteLogGroup"] },
  },
  "aws:iam/role:Role": {
    read: {
      roles: [
        "iam:GetRole",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
      ],
    },
    create: { roles: ["iam:CreateRole", "iam:TagRole"] },
    update: {
      roles: ["iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UntagRole"],
    },
    delete: { roles: ["iam:DeleteRole"] },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    read: { roles: ["iam:GetRolePolicy"] },
    create: { roles: ["iam:PutRolePolicy"] },
    delete: { roles: ["iam:DeleteRolePolicy"] },
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    read: { roles: ["iam:ListAttachedRolePolicies"] },
    create: { attach: ["iam:AttachRolePolicy"] },
    delete: { attach: ["iam:DetachRolePolicy"] },
  },
  "aws:kms/key:Key": {
    read: {
      keysOwn: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    },
    create: { newKey: ["kms:CreateKey", "kms:TagResource"], keysOwn: ["kms:EnableKeyRotation"] },
    update: {
      keysOwn: [
        "kms:DisableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
      ],
    },
    delete: { keysOwn: ["kms:ScheduleKeyDeletion"] },
  },
  "aws:kms/alias:Alias": {
    read: { region: ["kms:ListAliases"] },
    // Allowed on both: the alias and the key.
    create: { aliasOwn: ["kms:CreateAlias"], keysOwn: ["kms:CreateAlias"] },
    update: { aliasOwn: ["kms:UpdateAlias"], keysOwn: ["kms:UpdateAlias"] },
    delete: { aliasOwn: ["kms:DeleteAlias"], keysOwn: ["kms:DeleteAlias"] },
  },
  "aws:acm/certificate:Certificate": {
    read: { certificates: ["acm:DescribeCertificate", "acm:ListTagsForCertificate"] },
    create: { region: ["acm:RequestCertificate"], certificates: ["acm:AddTagsToCertificate"] },
    update: { certificates: ["acm:RemoveTagsFromCertificate", "acm:UpdateCertificateOptions"] },
    delete: { certificates: ["acm:DeleteCertificate"] },
  },
  "aws:acm/certificateValidation:CertificateValidation": {
    read: { certificates: ["acm:DescribeCertificate"] },
    create: {},
    delete: {},
  },
  "aws:route53/record:Record": {
    read: {
      zone: ["route53:GetHostedZone", "route53:ListResourceRecordSets"],
      zoneChanges: ["route53:GetChange"],
    },
    create: { zoneRecords: ["route53:ChangeResourceRecordSets"] },
    delete: { zoneRecords: ["route53:ChangeResourceRecordSets"] },
  },
};
