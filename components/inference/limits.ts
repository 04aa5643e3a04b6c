import type { Bounds } from "../common/bounds";
import type { TextRule } from "../common/text";

/** Name of a service: of its helm release, which takes 53 characters, its Deployment and its host. */
export const serviceNameRule: TextRule = {
  pattern: /^[a-z]([-a-z0-9]{0,51}[a-z0-9])?$/,
  must: "must be 1 to 53 lower-case letters, digits and dashes, starting with a letter",
};

/** CPU of a replica, thousandths of a core; no instance type has more than 192 cores. */
export const cpuMillis: Bounds = { least: 1, most: 192_000 };

/** Memory of a replica, MiB. */
export const memoryMiB: Bounds = { least: 1, most: 2_000_000 };

/** Size of the weights, GiB. */
export const weightsSizeGiB: Bounds = { least: 0.001, most: 10_000 };

/** Requests before a replica is Ready. */
export const warmupCount: Bounds = { least: 0, most: 1000 };

/** Requests before a replica is Ready unless something else is said. */
export const defaultWarmupRequests = 3;

/** Bytes of files and variables of a service together: a ConfigMap holds 1 MiB, and so does helm's record. */
export const contentBytes = 1_000_000;

/** Name of a file: a key of a ConfigMap. Source: Kubernetes, IsConfigMapKey. */
export const fileNameRule: TextRule = {
  pattern: /^(?!\.\.)(?!\.$)[-._a-zA-Z0-9]+$/,
  must: "must be a file name of letters, digits and - . _ that does not start with two dots",
  longest: 253,
};

/** Name of a PersistentVolumeClaim. */
export const claimNameRule: TextRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  must: "must be the name of a PersistentVolumeClaim: lower-case letters, digits, dashes and dots",
  longest: 253,
};
