import {
  coveredAddresses,
  ipv4Block,
  liesIn,
  parseCidr,
  privateRanges,
  sharedRanges,
  sourcelessRanges,
} from "./cidr";
import type { Problem } from "./problem";

/** What is wrong with a list of blocks from which somebody may connect. */
export function sourceProblems(path: string, blocks: string[]): Problem[] {
  return blocks.flatMap((value, index): Problem[] => {
    const problem = (message: string) => [{ path: `${path}[${index}]`, value, message }];
    const cidr = parseCidr(value);
    if (!cidr) return problem(ipv4Block.must);
    if (blocks.indexOf(value) !== index) return problem("must not be listed twice");
    if (liesIn(sourcelessRanges, cidr))
      return problem(
        "must be addresses that somebody can connect from, not loopback, multicast and the like",
      );
    return [];
  });
}

/** What is wrong with a list of blocks of the internet; `fix` says what to do about private ones. */
export function publicSourceProblems(path: string, blocks: string[], fix: string): Problem[] {
  return [
    ...sourceProblems(path, blocks),
    ...blocks.flatMap((value, index): Problem[] => {
      const cidr = parseCidr(value);
      if (!cidr || !liesIn([...privateRanges, ...sharedRanges], cidr)) return [];
      const message = "must be public addresses: private ones never arrive from the internet";
      return [{ path: `${path}[${index}]`, value, message, fix }];
    }),
  ];
}

/** Largest single block that anybody was ever given, as a prefix. */
const largestAllocation = 8;
/** Part of the internet that is all of it for a lock: one sixteenth. */
const openAddresses = 2 ** 28;

/** Refuses blocks that leave a door open to the world: one by one, or many that make up a large part of it. */
export function openProblems(path: string, blocks: string[]): Problem[] {
  const large = blocks.flatMap((value, index) => {
    const cidr = parseCidr(value);
    if (!cidr || cidr.prefix >= largestAllocation) return [];
    return [{ path: `${path}[${index}]`, value, message: "must not be open to the world" }];
  });
  if (large.length > 0) return large;
  const covered = coveredAddresses(blocks.flatMap((block) => parseCidr(block) ?? []));
  if (covered < openAddresses) return [];
  const share = Math.round((100 * covered) / 2 ** 32);
  const message = `must not be open to the world: together the blocks are ${share} % of all addresses`;
  return [{ path, value: blocks, message }];
}
