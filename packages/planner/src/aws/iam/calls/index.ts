import { accessCalls } from "./access";
import { clusterCalls } from "./cluster";
import { networkCalls } from "./network";
import type { TypeCalls } from "./scene";

/** The requests behind every AWS type that the program can make. A type that is not here can be neither deployed nor previewed by the generated roles. */
export const typeCalls: Record<string, TypeCalls> = { ...networkCalls, ...clusterCalls, ...accessCalls };

export { lookupCalls } from "./lookups";
export type { Scene, TypeCalls } from "./scene";
