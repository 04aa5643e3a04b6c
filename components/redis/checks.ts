import type { Problem } from "../common/problem";
import type { RedisArgs } from "./args";
import { EvictionPolicy } from "./valkey";

/** Volume per memory: the append-only file may grow to twice the data before it is rewritten, beside the new one. */
const storagePerMemory = 3;

/** What is wrong with the arguments of a `Redis`; empty when nothing is. */
export function redisProblems(args: RedisArgs): Problem[] {
  return [...sizeProblems(args), ...policyProblems(args), ...namespaceProblems(args)];
}

function sizeProblems({ memoryMiB, storageGiB, persistence }: RedisArgs): Problem[] {
  const problems: Problem[] = [];
  if (!Number.isInteger(memoryMiB) || memoryMiB < 64) {
    problems.push({ path: "memoryMiB", value: memoryMiB, message: "must be a whole number of at least 64" });
  } else if (
    persistence &&
    (!Number.isInteger(storageGiB) || storageGiB * 1024 < storagePerMemory * memoryMiB)
  ) {
    const least = Math.ceil((storagePerMemory * memoryMiB) / 1024);
    const message = `must be a whole number of at least ${least}: the append-only file needs ${storagePerMemory} times the memory of ${memoryMiB} MiB while it is rewritten`;
    problems.push({ path: "storageGiB", value: storageGiB, message });
  }
  return problems;
}

function policyProblems({ evictionPolicy }: RedisArgs): Problem[] {
  const allowed: string[] = Object.values(EvictionPolicy);
  if (evictionPolicy === undefined || allowed.includes(evictionPolicy)) return [];
  return [{ path: "evictionPolicy", value: evictionPolicy, message: `must be one of ${allowed.join(", ")}` }];
}

function namespaceProblems({ admittedNamespaces }: RedisArgs): Problem[] {
  const names = admittedNamespaces.map(({ name }) => name);
  // A rule of a NetworkPolicy without any source admits every source.
  const message = "must name at least one namespace: an empty list of sources admits everybody";
  if (names.length === 0) return [{ path: "admittedNamespaces", value: names, message }];
  return names.flatMap((name, index) =>
    names.indexOf(name) < index
      ? [{ path: `admittedNamespaces[${index}].name`, value: name, message: "must not be named twice" }]
      : [],
  );
}
