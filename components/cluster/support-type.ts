/** What happens when AWS ends the standard support of the cluster's Kubernetes version. */
export const SupportType = {
  /** The control plane is upgraded to the next version. */
  Standard: "STANDARD",
  /** It stays for another twelve months, at a higher price per hour. */
  Extended: "EXTENDED",
} as const;
/** A value of `SupportType`. */
export type SupportType = (typeof SupportType)[keyof typeof SupportType];
