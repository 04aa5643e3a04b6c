import type { Bounds } from "../common/bounds";
import type { TextRule } from "../common/text";

/** Name of a series. Source: Prometheus documentation, data model. */
export const seriesNameRule: TextRule = {
  pattern: /^[a-zA-Z_:][a-zA-Z0-9_:]*$/,
  must: "must be a name of Prometheus: letters, digits, _ and :, not starting with a digit",
  longest: 200,
};

/** Name of a label. */
export const labelNameRule: TextRule = {
  pattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
  must: "must be a label of Prometheus: letters, digits and _, not starting with a digit",
  longest: 200,
};

/** Operators of PromQL's label matchers. */
export const matchOperators = ["=", "!=", "=~", "!~"] as const;

/** What an autoscaler can hold a signal at: it counts in thousandths. Each signal has bounds of its own. */
export const signalTarget: Bounds = { least: 0.001, most: 1_000_000_000 };
