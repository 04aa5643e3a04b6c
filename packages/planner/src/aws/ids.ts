import { createHash } from "node:crypto";

/** `length` hexadecimal digits that depend on `parts` only. */
export function hex(length: number, ...parts: string[]): string {
  return createHash("sha256").update(parts.join("\u0000")).digest("hex").slice(0, length);
}

/** An EC2 style id: `vpc-0f3a…`, 17 digits of which the first is 0. */
export function ec2Id(prefix: string, ...parts: string[]): string {
  return `${prefix}-0${hex(16, prefix, ...parts)}`;
}

/** A UUID made of `parts`. */
export function uuid(...parts: string[]): string {
  const digits = hex(32, ...parts);
  return [8, 12, 16, 20, 32].map((end, i, ends) => digits.slice(ends[i - 1] ?? 0, end)).join("-");
}

/** An IAM style unique id: `AROA` and 17 capital letters and digits. */
export function iamId(prefix: string, ...parts: string[]): string {
  return (
    prefix +
    BigInt(`0x${hex(24, ...parts)}`)
      .toString(36)
      .toUpperCase()
      .padStart(17, "0")
      .slice(0, 17)
  );
}

/** A documentation address (203.0.113.0/24, RFC 5737): never a real one. */
export function publicAddress(...parts: string[]): string {
  return `203.0.113.${(Number.parseInt(hex(4, ...parts), 16) % 254) + 1}`;
}
