import { z } from "zod";
import { parseCidr } from "../components/common/cidr";
import { logRetentionDays } from "../components/common/log-retention";

/** An IPv4 block written with its first address. */
export const cidr = z
  .string()
  .refine(
    (text) => parseCidr(text) !== undefined,
    "must be an IPv4 block that starts at its first address, such as 10.0.0.0/16",
  );

/** A name that Kubernetes, DNS and AWS all take. */
export const kubernetesName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "must be 1 to 40 lower-case letters, digits and dashes, starting with a letter",
  );

/** A whole number within bounds. */
export const count = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
};

/** One of the values of a const object. */
export const oneOf = <const T extends Record<string, string>>(values: T) => z.enum(values);

/** Days that CloudWatch Logs can keep something. */
export const retentionDays = z
  .int()
  .refine((days) => logRetentionDays.includes(days), `must be one of ${logRetentionDays.join(", ")}`);
