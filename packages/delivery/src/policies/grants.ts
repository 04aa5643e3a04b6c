import type { TargetName } from "./targets";

/** Actions by what they are allowed on. */
export type Grants = Partial<Record<TargetName, string[]>>;

/** What the provider calls for one type of resource. */
export interface TypePermissions {
  read: Grants;
  create: Grants;
  /** Absent: every change replaces it, or is made with the actions of `create`. */
  update?: Grants;
  delete: Grants;
}

/** To change the tags of an EC2 resource. */
export const retag = { ec2Own: ["ec2:CreateTags", "ec2:DeleteTags"] };

/** To make an EC2 resource with tags. */
export const tagged = { ec2Tagging: ["ec2:CreateTags"] };
