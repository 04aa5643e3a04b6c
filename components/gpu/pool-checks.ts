import { wholeNumberProblems } from "../common/bounds";
import type { Problem } from "../common/problem";
import { choiceProblems, repeatedProblems, textProblems } from "../common/text";
import { findInstanceType, type InstanceType, instanceType, unknownInstanceType } from "./instances";
import { leastPoolNodes, mostPoolNodes, poolNameRule, timeSlices } from "./limits";
import { CapacityType, type GpuPoolArgs } from "./pool-args";

/** Everything wrong with the arguments of a pool. */
export function poolProblems(args: GpuPoolArgs): Problem[] {
  return [
    ...textProblems("name", args.name, poolNameRule),
    ...instanceProblems(args.instanceTypes),
    ...choiceProblems("capacityType", args.capacityType, CapacityType),
    ...nodeCountProblems(args),
    ...wholeNumberProblems("timeSlicingReplicas", args.timeSlicingReplicas, timeSlices),
  ];
}

function instanceProblems(names: string[]): Problem[] {
  if (names.length === 0)
    return [{ path: "instanceTypes", value: names, message: "must name at least one GPU instance type" }];
  const problems = names.flatMap((name, index): Problem[] => {
    const found = findInstanceType(name);
    const path = `instanceTypes[${index}]`;
    if (!found) return [{ path, value: name, message: unknownInstanceType(name) }];
    if (!found.gpus) return [{ path, value: name, message: "must have a GPU", fix: "Take a g or p type." }];
    return [];
  });
  problems.push(...repeatedProblems("instanceTypes", names));
  if (problems.length > 0) return problems;
  const shapes = names.map((name) => shapeOf(instanceType(name)));
  if (new Set(shapes).size === 1) return [];
  const listed = names.map((name, index) => `${name} (${shapes[index]})`).join(", ");
  const message = `must all have the same number of GPUs, GPU memory, vCPUs and memory, but are ${listed}`;
  return [{ path: "instanceTypes", value: names, message, fix: "Make a pool per shape." }];
}

// The model may differ (an A10G and an L4 have the same memory): what pods ask for is the same on either.
function shapeOf({ gpus, vcpus, memoryGiB }: InstanceType): string {
  return `${gpus?.count} × ${gpus?.memoryMiB} MiB, ${vcpus} vCPU, ${memoryGiB} GiB`;
}

function nodeCountProblems({ minNodes = 0, maxNodes }: GpuPoolArgs): Problem[] {
  const problems = [
    ...wholeNumberProblems("minNodes", minNodes, leastPoolNodes),
    ...wholeNumberProblems("maxNodes", maxNodes, mostPoolNodes),
  ];
  if (problems.length > 0 || minNodes <= maxNodes) return problems;
  return [{ path: "minNodes", value: minNodes, message: `must be at most maxNodes (${maxNodes})` }];
}
