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

/**
 * Reads `a.b.c.d/n`. Undefined for anything else, and for an address inside the block instead of its first one
 * (`10.0.1.0/16`): AWS refuses those, or silently takes another block than the reader sees.
 */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
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

/** The address ranges for private networks (RFC 1918). */
export const privateRanges: Cidr[] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap(
  (range) => parseCidr(range) ?? [],
);
