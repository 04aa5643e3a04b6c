import type { ResourceType } from "../definition";
import { network } from "./ec2-network";
import { routing } from "./ec2-routing";
import { security } from "./ec2-security";
import { edge } from "./edge";
import { access } from "./eks-access";
import { addonTypes } from "./eks-addon";
import { clusters } from "./eks-cluster";
import { nodeGroupTypes } from "./eks-nodegroup";
import { iam } from "./iam";
import { kmsAndLogs } from "./kms-logs";

/** Every resource type of the account by its token. */
export const definitions: ReadonlyMap<string, ResourceType> = new Map(
  [
    ...network,
    ...routing,
    ...security,
    ...iam,
    ...kmsAndLogs,
    ...clusters,
    ...nodeGroupTypes,
    ...addonTypes,
    ...access,
    ...edge,
  ].map((type) => [type.token, type]),
);
