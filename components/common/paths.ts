import type { TextRule } from "./text";

/** Path that clients may reach, with what lies below it. Source: ALB, path conditions: up to 128 characters, with `/*`. */
export const apiPathRule: TextRule = {
  pattern: /^(\/|(\/[A-Za-z0-9._~-]+)+)$/,
  must: "must be an absolute path of letters, digits and . _ ~ - without wildcards or a slash at the end",
  longest: 126,
};

/** Path of a probe. */
export const probePathRule: TextRule = {
  pattern: /^\/[^\s?#]*$/,
  must: "must be an absolute path without blanks, ? and #",
  longest: 1024,
};

/** Path of a request, with its query. */
export const requestPathRule: TextRule = {
  pattern: /^\/[^\s#]*$/,
  must: "must be a path that starts with /, without blanks and #",
  longest: 2048,
};
