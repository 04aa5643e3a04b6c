import { Token } from "./tokens";

export const Operation = { Create: "create", Update: "update", Delete: "delete" } as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** Seconds that an operation typically takes until the provider calls it done. */
interface Duration {
  create: number;
  /** @default 1 */
  update?: number;
  /** @default 1 */
  delete?: number;
}

/**
 * What operations take in AWS, waiting included: the middle of what `terraform apply` prints for the same provider
 * in public logs ("Creation complete after …"), rounded. Types that are not listed answer in about a second.
 */
const durations: Record<string, Duration> = {
  // The provider waits for the DNS attributes, one after the other.
  [Token.Vpc]: { create: 12 },
  // 1 min 42 s to 1 min 46 s.
  [Token.NatGateway]: { create: 105, delete: 55 },
  [Token.VpcEndpoint]: { create: 10, delete: 10 },
  [Token.Role]: { create: 2, delete: 2 },
  // 24 to 28 s with a policy: the provider waits until both have spread.
  [Token.Key]: { create: 25, update: 10 },
  // 8 min 23 s to 11 min 3 s in eight logs, the recent ones below 9.5 min; a version update is about as long.
  [Token.Cluster]: { create: 540, update: 480, delete: 150 },
  // 1 min 48 s to 1 min 50 s with nodes (58 s without any); an update drains node by node.
  [Token.NodeGroup]: { create: 110, update: 300, delete: 180 },
  // vpc-cni: 35 s.
  [Token.Addon]: { create: 30, update: 30, delete: 15 },
  [Token.AccessPolicyAssociation]: { create: 2 },
  [Token.Certificate]: { create: 7 },
  // Once the record has spread.
  [Token.CertificateValidation]: { create: 60 },
  // Until Route 53 says INSYNC.
  [Token.Record]: { create: 35, update: 35, delete: 35 },
};

/** Typical seconds of an operation on a type; 0 for types that are not of AWS. */
export function latencySeconds(type: string, operation: Operation): number {
  if (!type.startsWith("aws:")) return 0;
  return durations[type]?.[operation] ?? 1;
}

/** What the longest chain needs to know of a resource. */
export interface ChainLink {
  urn: string;
  type: string;
  /** URNs that must be done before; unknown ones do not count. */
  dependencies: string[];
}

/** The chain of resources, each waiting for the one before it, that takes longest. */
export interface CriticalPath {
  seconds: number;
  /** From first to last; only those that take time. */
  chain: { urn: string; seconds: number }[];
}

/**
 * The longest unavoidable chain: with endless parallelism, no run is shorter.
 *
 * @param secondsOf duration of one resource, @default that of its creation in AWS
 * @throws Error for a circle of dependencies
 */
export function criticalPath(
  resources: ChainLink[],
  secondsOf: (resource: ChainLink) => number = ({ type }) => latencySeconds(type, Operation.Create),
): CriticalPath {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const done = new Map<string, CriticalPath>();
  const open = new Set<string>();

  const pathTo = (resource: ChainLink): CriticalPath => {
    const known = done.get(resource.urn);
    if (known) return known;
    if (open.has(resource.urn)) throw new Error(`circle of dependencies at ${resource.urn}`);
    open.add(resource.urn);
    const before = longest(
      resource.dependencies.flatMap((urn) => {
        const dependency = byUrn.get(urn);
        return dependency ? [pathTo(dependency)] : [];
      }),
    );
    open.delete(resource.urn);
    const seconds = secondsOf(resource);
    const own = seconds > 0 ? [{ urn: resource.urn, seconds }] : [];
    const path = { seconds: before.seconds + seconds, chain: [...before.chain, ...own] };
    done.set(resource.urn, path);
    return path;
  };
  return longest(resources.map(pathTo));
}

/** The first of the longest, so that the answer does not depend on anything but the order given. */
function longest(paths: CriticalPath[]): CriticalPath {
  return paths.reduce((best, path) => (path.seconds > best.seconds ? path : best), { seconds: 0, chain: [] });
}
