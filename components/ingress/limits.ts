import type { TextRule } from "../common/text";

/**
 * Domain under which services are reached. Source: RFC 1035, section 2.3.4, and RFC 1123, section 2.1: labels of up to 63
 * characters, 253 in all.
 */
export const domainRule: TextRule = {
  pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])$/,
  must: "must be a domain in lower-case letters such as llm.example.com, with labels of up to 63 characters",
  longest: 253,
};

/** Longest domain for which ACM makes a certificate. Source: ACM API, RequestCertificate, DomainName (RFC 5280). */
export const longestCertifiedDomain = 64;

/** ARN of one certificate of ACM. */
export const certificateRule: TextRule = {
  pattern: /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[A-Za-z0-9-]+$/,
  must: "must be the ARN of one ACM certificate: arn:aws:acm:<region>:<account>:certificate/<id>",
};

/** Id of a hosted zone. */
export const hostedZoneRule: TextRule = {
  pattern: /^Z[A-Z0-9]{1,31}$/,
  must: "must be the id of a Route 53 zone such as Z0123456789ABC",
};

/** Name of a load balancer in AWS. */
export const loadBalancerNameRule: TextRule = {
  pattern: /^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
  must: "must be 1 to 32 letters, digits and hyphens, with a letter or digit at both ends, and not begin with internal-",
};
