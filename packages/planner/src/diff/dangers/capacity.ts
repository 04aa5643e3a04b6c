import { range } from "../../plan/formats/figures";
import type { NodePool, Plan } from "../../plan/types";
import { code } from "../markup";
import { type Danger, DangerKind } from "../types";
import type { Facts } from "./facts";

/** GPU pools that may grow further than before, or new ones. */
export function gpuCeiling({ base, head }: Facts): Danger[] {
  const before = new Map(gpuPools(base).map((pool) => [pool.name, pool]));
  return gpuPools(head).flatMap((pool): Danger[] => {
    const old = before.get(pool.name);
    const [from, to] = [old ? ceiling(old) : 0, ceiling(pool)];
    if (to <= from) return [];
    const nodes = old ? `${range(old.nodes)} → ${range(pool.nodes)} nodes` : `${range(pool.nodes)} nodes`;
    const types = pool.instanceTypes.join(", ");
    return [
      {
        kind: DangerKind.Capacity,
        subject: `GPU pool ${pool.name}`,
        text: `from ${from} to **${to} GPUs** (${nodes}; ${code(types)}): check the account's quota for vCPUs of these instances`,
      },
    ];
  });
}

function gpuPools(plan: Plan | undefined): NodePool[] {
  return (plan?.placement.pools ?? []).filter((pool) => perNode(pool) > 0);
}

function perNode(pool: NodePool): number {
  return Object.values(pool.allocatable?.extended ?? {}).reduce((sum, count) => sum + count, 0);
}

const ceiling = (pool: NodePool) => perNode(pool) * pool.nodes.ceiling;
