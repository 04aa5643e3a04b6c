import type { Bounds } from "../common/bounds";
import type { TextRule } from "../common/text";

/** Ports of a server that does not run as root. */
export const serverPort: Bounds = { least: 1024, most: 65_535, why: "lower ports need root" };

/** User id of a server. Source: Kubernetes API, PodSecurityContext.runAsUser. */
export const serverUser: Bounds = {
  least: 1,
  most: 2_147_483_647,
  why: "the namespace admits no pod that runs as root",
};

/** Compressed size of an image, GiB. */
export const imageSizeGiB: Bounds = { least: 0.001, most: 200 };

/** GPUs of one replica; it stays on one node, and none has more. */
export const gpuCount: Bounds = { least: 0, most: 16 };

/** Requests that one replica works on at once. */
export const concurrency: Bounds = { least: 1, most: 100_000 };

/** Longest context, tokens. */
export const contextTokens: Bounds = { least: 1, most: 10_000_000 };

/** Factor from a series' unit to a signal's. */
export const signalScale: Bounds = { least: 0.000_000_001, most: 1_000_000_000 };

const component = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";

/** An image by exact tag, digest or both. Source: OCI distribution specification 1.1; distribution/reference, grammar. */
export const imageRule: TextRule = {
  pattern: new RegExp(
    `^${component}(:\\d{1,5}/${component})?(/${component})*(:\\w[\\w.-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$`,
  ),
  must: "must be an image in lower-case letters with an exact tag or digest, such as ghcr.io/me/server:1.4.2",
  longest: 400,
};

/** Name of an environment variable. */
export const variableRule: TextRule = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  must: "must be the name of an environment variable: letters, digits and underscores, not starting with a digit",
  longest: 253,
};

/** Git revision of a model: a commit, a tag or a branch. */
export const revisionRule: TextRule = {
  pattern: /^\w(?!.*\.\.)[\w./-]*$/,
  must: "must be a Git revision, best a commit of 40 digits",
  longest: 255,
};

/** Name of a model, for its server and for clients. What each engine takes is checked beside it. */
export const modelNameRule: TextRule = {
  pattern: /^[^\s-]\S*$/,
  must: "must be a name without blanks that does not start with a dash",
  longest: 1024,
};

/** Version of an engine. */
export const versionRule: TextRule = {
  pattern: /^\d{1,4}\.\d{1,4}\.\d{1,4}$/,
  must: "must be major.minor.patch such as 0.18.0",
};
