import type { Bounds } from "./bounds";
import type { TextRule } from "./text";

/** Any port of TCP. */
export const anyPort: Bounds = { least: 1, most: 65_535 };

/** Name of a namespace or a Service. Source: RFC 1123, labels, as Kubernetes takes them. */
export const labelRule: TextRule = {
  pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  must: "must be 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
};
