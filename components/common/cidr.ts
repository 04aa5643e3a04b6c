import type { TextRule } from "./text";

/** A block of IPv4 addresses. */
export interface Cidr {
  /** First address as a number, 0 to 2³² − 1. */
  base: number;
  /** Prefix length, 0 to 32. */
  prefix: number;
}

/** How many addresses a block has. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/** An IPv4 block as text. That it starts at its first address only `parseCidr` sees. */
export const ipv4Block: TextRule = {
  // No leading zeros: some programs read them as octal.
  pattern: new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}/(3[0-2]|[12]?\\d)$`),
  must: "must be an IPv4 block that starts at its first address, such as 198.51.100.0/24",
};

/**
 * Reads `a.b.c.d/n`. Undefined for anything else, and for an address inside the block instead of its first one
 * (`10.0.1.0/16`): AWS refuses those, or silently takes another block than the reader sees.
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = ipv4Block.pattern.exec(text);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  const cidr = { base: ((a * 256 + b) * 256 + c) * 256 + d, prefix };
  return cidr.base % cidrSize(cidr) === 0 ? cidr : undefined;
}

/** The block as `a.b.c.d/n`. */
export function formatCidr({ base, prefix }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return `${octets.join(".")}/${prefix}`;
}

/** True when every address of `inner` is in `outer`. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  return inner.base >= outer.base && inner.base + cidrSize(inner) <= outer.base + cidrSize(outer);
}

/** True when the blocks have an address in common: blocks nest or are apart. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b) || cidrContains(b, a);
}

/** How many addresses the blocks have together, each counted once. */
export function coveredAddresses(cidrs: Cidr[]): number {
  const sorted = [...cidrs].sort((a, b) => a.base - b.base);
  let covered = 0;
  let end = 0;
  for (const cidr of sorted) {
    const last = cidr.base + cidrSize(cidr);
    covered += Math.max(0, last - Math.max(end, cidr.base));
    end = Math.max(end, last);
  }
  return covered;
}

function blocks(...texts: string[]): Cidr[] {
  return texts.flatMap((text) => parseCidr(text) ?? []);
}

/** The address ranges for private networks (RFC 1918). */
export const privateRanges = blocks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16");

/** Ranges that carriers and AWS use inside (RFC 6598): no address of the internet, but one of peers and VPNs. */
export const sharedRanges = blocks("100.64.0.0/10");

/**
 * Ranges from which nobody connects: this host, loopback, link-local, benchmarks, multicast, reserved. Source: IANA IPv4
 * Special-Purpose Address Registry (November 2026).
 */
export const sourcelessRanges = blocks(
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
);

/** Ranges of examples in documents (RFC 5737). */
export const exampleRanges = blocks("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24");

/** True when every address of a block lies in one of the ranges. */
export function liesIn(ranges: Cidr[], cidr: Cidr): boolean {
  return ranges.some((range) => cidrContains(range, cidr));
}
