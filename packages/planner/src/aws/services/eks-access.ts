import type {
  AccessEntryArgs,
  AccessPolicyAssociationArgs,
  ClusterArgs,
  PodIdentityAssociationArgs,
} from "@pulumi/aws/eks";
import { type AccountView, define, inputsOf, Refusals, type ResourceType } from "../definition";
import { hex, uuid } from "../ids";
import { Token } from "../tokens";
import { AwsError } from "../types";
import { podRoleErrors } from "./eks-addon";
import { clusterErrors } from "./eks-cluster";
import { entryPrincipals } from "./eks-state";

const invalid = (text: string) => () => new AwsError("InvalidParameterException", text);

const entryTypes = [
  "STANDARD",
  "EC2_LINUX",
  "EC2_WINDOWS",
  "FARGATE_LINUX",
  "EC2",
  "HYBRID_LINUX",
  "HYPERPOD_LINUX",
];

function modeErrors(account: AccountView, clusterName: string): AwsError[] {
  const cluster = account.find(Token.Cluster, clusterName);
  const mode = cluster && inputsOf<ClusterArgs>(cluster).accessConfig?.authenticationMode;
  return new Refusals().when(
    cluster !== undefined && (mode ?? "CONFIG_MAP") === "CONFIG_MAP",
    () =>
      new AwsError(
        "InvalidRequestException",
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
      ),
  ).errors;
}

const accessEntry = define<AccessEntryArgs>(Token.AccessEntry, {
  id: ({ inputs }) => `${inputs.clusterName}:${inputs.principalArn}`,
  check: ({ inputs, account, existing }) => {
    const { clusterName, principalArn, type = "STANDARD", kubernetesGroups = [] } = inputs;
    const reserved = kubernetesGroups.find((group) => /^(system:|eks:|aws:|amazon:|iam:)/.test(group));
    return [
      ...clusterErrors(account, clusterName),
      ...modeErrors(account, clusterName),
      ...new Refusals()
        .when(
          !/^arn:[^:]+:iam::\d{12}:(role|user)\//.test(principalArn),
          invalid(
            `The specified principalArn is invalid: ${principalArn} must be the ARN of an IAM role or user, not of a session`,
          ),
        )
        .when(
          !existing && entryPrincipals(account, clusterName).includes(principalArn),
          () =>
            new AwsError(
              "ResourceInUseException",
              `The specified access entry resource is already in use on this cluster: ${principalArn}`,
            ),
        )
        .when(!entryTypes.includes(type), invalid(`type ${type} must be one of ${entryTypes.join(", ")}`))
        .when(
          reserved !== undefined,
          invalid(`The kubernetes group name ${reserved} is invalid, it cannot start with system:`),
        )
        .when(
          type !== "STANDARD" && kubernetesGroups.length > 0,
          invalid(`An entry of type ${type} cannot have kubernetesGroups`),
        ).errors,
    ];
  },
  outputs: ({ inputs, account }) => ({
    accessEntryArn: account.arn(
      "eks",
      `access-entry/${inputs.clusterName}/role/${account.accountId}/${inputs.principalArn.split("/").at(-1)}/${uuid(inputs.principalArn)}`,
    ),
    type: inputs.type ?? "STANDARD",
    userName: inputs.userName ?? inputs.principalArn,
    createdAt: "2026-01-01T00:00:00Z",
    modifiedAt: "2026-01-01T00:00:00Z",
  }),
});

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const accessPolicies = [
  "AmazonEKSAdminPolicy",
  "AmazonEKSClusterAdminPolicy",
  "AmazonEKSAdminViewPolicy",
  "AmazonEKSEditPolicy",
  "AmazonEKSViewPolicy",
  "AmazonEKSAutoNodePolicy",
  "AmazonEKSSecretReaderPolicy",
];

const accessPolicyAssociation = define<AccessPolicyAssociationArgs>(Token.AccessPolicyAssociation, {
  id: ({ inputs }) => `${inputs.clusterName}#${inputs.principalArn}#${inputs.policyArn}`,
  check: ({ inputs, account }) => {
    const { clusterName, principalArn, policyArn, accessScope } = inputs;
    const prefix = `arn:${account.partition}:eks::aws:cluster-access-policy/`;
    const namespaces = accessScope.namespaces ?? [];
    return [
      ...clusterErrors(account, clusterName),
      ...modeErrors(account, clusterName),
      ...new Refusals()
        .when(
          account.find(Token.Cluster, clusterName) !== undefined &&
            !entryPrincipals(account, clusterName).includes(principalArn),
          () =>
            new AwsError(
              "ResourceNotFoundException",
              `The specified principalArn could not be found. You must create an access entry first: ${principalArn}`,
            ),
        )
        .when(
          !accessPolicies.some((name) => policyArn === prefix + name),
          invalid(
            `The policyArn parameter format is not valid: ${policyArn} must be ${prefix} and one of ${accessPolicies.join(", ")}`,
          ),
        )
        .when(
          !["cluster", "namespace"].includes(accessScope.type),
          invalid(`accessScope.type ${accessScope.type} must be cluster or namespace`),
        )
        .when(
          (accessScope.type === "namespace") !== namespaces.length > 0,
          invalid("The access scope has namespaces if and only if its type is namespace"),
        ).errors,
    ];
  },
  outputs: () => ({ associatedAt: "2026-01-01T00:00:00Z", modifiedAt: "2026-01-01T00:00:00Z" }),
});

const podIdentityAssociation = define<PodIdentityAssociationArgs>(Token.PodIdentityAssociation, {
  id: ({ seed, inputs }) => `a-${hex(17, inputs.clusterName, seed)}`,
  check: ({ inputs, account, existing }) => {
    const { clusterName, namespace, serviceAccount, roleArn } = inputs;
    const same = account
      .all(Token.PodIdentityAssociation)
      .find(
        (other) =>
          other !== existing &&
          other.inputs.clusterName === clusterName &&
          other.inputs.namespace === namespace &&
          other.inputs.serviceAccount === serviceAccount,
      );
    return [
      ...clusterErrors(account, clusterName),
      ...podRoleErrors(account, roleArn),
      ...new Refusals()
        .when(
          same !== undefined,
          () =>
            new AwsError(
              "ResourceInUseException",
              `Association already exists: ${same?.id} (${namespace}/${serviceAccount})`,
            ),
        )
        .when(
          inputs.targetRoleArn !== undefined && !/^arn:[^:]+:iam::\d{12}:role\//.test(inputs.targetRoleArn),
          invalid(`targetRoleArn ${inputs.targetRoleArn} must be the ARN of a role`),
        ).errors,
    ];
  },
  outputs: ({ inputs, account }, id) => ({
    associationId: id,
    associationArn: account.arn("eks", `podidentityassociation/${inputs.clusterName}/${id}`),
    externalId: inputs.targetRoleArn === undefined ? undefined : uuid(id),
    disableSessionTags: inputs.disableSessionTags ?? false,
  }),
});

/** Who may do what in a cluster. Errors: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html and its neighbours. */
export const access: ResourceType[] = [accessEntry, accessPolicyAssociation, podIdentityAssociation];
