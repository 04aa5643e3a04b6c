import { wholeNumberProblems } from "../common/bounds";
import type { Problem } from "../common/problem";
import { choiceProblems } from "../common/text";
import type { RedisArgs } from "./args";
import { redisMemoryMiB, redisStorageGiB, storagePerMemory } from "./limits";
import { EvictionPolicy } from "./valkey";

/** What is wrong with the arguments of a `Redis`; empty when nothing is. */
export function redisProblems(args: RedisArgs): Problem[] {
  return [
    ...sizeProblems(args),
    ...choiceProblems("evictionPolicy", args.evictionPolicy, EvictionPolicy),
    ...namespaceProblems(args),
  ];
}

function sizeProblems({ memoryMiB, storageGiB, persistence }: RedisArgs): Problem[] {
  const problems = [
    ...wholeNumberProblems("memoryMiB", memoryMiB, redisMemoryMiB),
    // Without persistence there is no volume.
    ...(persistence ? wholeNumberProblems("storageGiB", storageGiB, redisStorageGiB) : []),
  ];
  if (problems.length > 0 || !persistence || storageGiB * 1024 >= storagePerMemory * memoryMiB)
    return problems;
  const least = Math.ceil((storagePerMemory * memoryMiB) / 1024);
  const message = `must be at least ${least}: the append-only file needs ${storagePerMemory} times the memory of ${memoryMiB} MiB while it is rewritten`;
  return [{ path: "storageGiB", value: storageGiB, message }];
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
