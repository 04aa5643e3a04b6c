import { z } from "zod";

export const cidr = z
  .string()
  .regex(/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, "must be an IPv4 block such as 10.0.0.0/16")
  .refine(isCidr, "must be an IPv4 block with octets up to 255 and a prefix up to 32, such as 10.0.0.0/16");

/** True for `a.b.c.d/n` with octets up to 255 and a prefix up to 32. */
function isCidr(text: string): boolean {
  const [address = "", prefix = ""] = text.split("/");
  return address.split(".").every((octet) => Number(octet) <= 255) && Number(prefix) <= 32;
}

export const kubernetesName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "must be 1 to 40 lower-case letters, digits and dashes, starting with a letter",
  );

export const count = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be a whole number from ${least} to ${most}`)
    .max(most, `must be a whole number from ${least} to ${most}`);

export const oneOf = <const T extends Record<string, string>>(values: T) => z.enum(values);

/** Retention periods that CloudWatch Logs accepts, days. */
const logRetention = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
export const retentionDays = z
  .int()
  .refine(
    (days) => logRetention.includes(days),
    `must be one of ${logRetention.join(", ")} (what CloudWatch Logs accepts)`,
  );
