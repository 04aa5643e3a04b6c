import { apiPathRule, probePathRule } from "../common/paths";
import type { Problem } from "../common/problem";
import { publicSourceProblems, sourceProblems } from "../common/sources";
import { choiceProblems, isAllowed, repeatedProblems, textProblems } from "../common/text";
import type { InferenceIngressArgs, IngressRoute } from "./ingress";
import {
  certificateRule,
  domainRule,
  hostedZoneRule,
  loadBalancerNameRule,
  longestCertifiedDomain,
} from "./limits";
import { adminPaths, deniedPaths, hostOf, isWithin } from "./routes";
import { LoadBalancerScheme } from "./scheme";

/** Rules of one load balancer, without the default one. Source: "Quotas for your Application Load Balancers", default. */
const highestRuleCount = 100;

/** Who reaches a load balancer, and how. */
type ExposureArgs = Pick<
  InferenceIngressArgs,
  "scheme" | "tls" | "inboundCidrs" | "certificateArn" | "hostedZoneId" | "domain"
>;

/** What is wrong with the arguments of an `InferenceIngress`; empty when nothing is. */
export function ingressProblems(args: InferenceIngressArgs): Problem[] {
  return [
    ...exposureProblems(args),
    ...certificateProblems(args),
    ...textProblems("loadBalancerName", args.loadBalancerName, loadBalancerNameRule),
    ...args.routes.flatMap((route, index) => routeProblems(route, args.domain, `routes[${index}]`)),
    ...routeListProblems(args),
  ];
}

function exposureProblems({ scheme, tls, inboundCidrs }: ExposureArgs): Problem[] {
  const unknown = choiceProblems("scheme", scheme, LoadBalancerScheme);
  if (unknown.length > 0) return unknown;
  if (scheme !== LoadBalancerScheme.InternetFacing) return sourceProblems("inboundCidrs", inboundCidrs);
  const problems: Problem[] = [];
  if (!tls) {
    const message = "must be true for an internet-facing load balancer: API keys would travel in the clear";
    problems.push({ path: "tls", value: tls, message, fix: "Set tls, or scheme to internal." });
  }
  if (inboundCidrs.length === 0) {
    const message =
      "must name at least one block for an internet-facing load balancer: empty means everybody";
    const fix = 'Name the blocks, or write ["0.0.0.0/0"] to mean everybody.';
    problems.push({ path: "inboundCidrs", value: inboundCidrs, message, fix });
  }
  const fix = "Who is inside, or connected by a VPN, comes from the address of a NAT gateway.";
  return [...problems, ...publicSourceProblems("inboundCidrs", inboundCidrs, fix)];
}

function certificateProblems({ tls, certificateArn, hostedZoneId, domain }: ExposureArgs): Problem[] {
  const problems: Problem[] = [
    ...textProblems("domain", domain, domainRule),
    ...textProblems("hostedZoneId", hostedZoneId, hostedZoneRule),
    ...(typeof certificateArn === "string"
      ? textProblems("certificateArn", certificateArn, certificateRule)
      : []),
  ];
  if (tls && certificateArn === undefined && hostedZoneId === undefined) {
    const message = "needs a certificate";
    const fix = "Give certificateArn, or hostedZoneId with domain to have one made, or set tls to false.";
    problems.push({ path: "tls", value: tls, message, fix });
  }
  if (hostedZoneId !== undefined && domain === undefined) {
    const message = "needs domain, to know which records to make in the zone";
    problems.push({ path: "hostedZoneId", value: hostedZoneId, message });
  }
  const made = tls && certificateArn === undefined && hostedZoneId !== undefined;
  if (made && domain !== undefined && domain.length > longestCertifiedDomain) {
    const message = `must have at most ${longestCertifiedDomain} characters, or ACM makes no certificate for it`;
    problems.push({
      path: "domain",
      value: domain,
      message,
      fix: "Bring a certificate of your own: certificateArn.",
    });
  }
  return problems;
}

/** What is wrong with a certificate for a load balancer in a region: ACM's certificates stay in theirs. */
export function certificateRegionProblems(certificateArn: string, region: string): Problem[] {
  const [, , , found] = certificateArn.split(":");
  if (!isAllowed(certificateArn, certificateRule) || found === region) return [];
  const message = `must be a certificate of ${region}, where the load balancer is`;
  return [{ path: "certificateArn", value: certificateArn, message, fix: "Request it there too." }];
}

function routeProblems(route: IngressRoute, domain: string | undefined, path: string): Problem[] {
  return [...pathProblems(route, path), ...hostProblems(route, domain, `${path}.host`)];
}

/** What is wrong with the paths of a route, with the paths `apiPaths` and `healthPath` below `path`. */
export function pathProblems(route: Pick<IngressRoute, "apiPaths" | "healthPath">, path: string): Problem[] {
  const problems: Problem[] = [];
  if (route.apiPaths.length === 0) {
    problems.push({
      path: `${path}.apiPaths`,
      value: route.apiPaths,
      message: "must have at least one path",
    });
  }
  route.apiPaths.forEach((value, index) => {
    const message = apiPathProblem(value);
    if (message) problems.push({ path: `${path}.apiPaths[${index}]`, value, message });
  });
  problems.push(
    ...repeatedProblems(`${path}.apiPaths`, route.apiPaths),
    ...textProblems(`${path}.healthPath`, route.healthPath, probePathRule),
  );
  return problems;
}

function apiPathProblem(path: string): string | undefined {
  if (path === "/")
    return "must not be the root, which opens metrics and admin routes, too: name the API's paths";
  if (!isAllowed(path, apiPathRule)) return apiPathRule.must;
  const admin = adminPaths.find((one) => isWithin(path, one));
  return admin && `must not be ${admin} or below, which is for operators, not for clients`;
}

/** The certificate that is made covers the domain and one label below it. */
function hostProblems({ host }: IngressRoute, domain: string | undefined, path: string): Problem[] {
  if (host === undefined) return [];
  if (domain === undefined) return [{ path, value: host, message: "needs domain" }];
  const label = host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : "";
  if (host === domain || /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) return [];
  return [{ path, value: host, message: `must be ${domain} or one label below it, such as api.${domain}` }];
}

function routeListProblems({ routes, domain, tls }: InferenceIngressArgs): Problem[] {
  const problems: Problem[] = [];
  if (routes.length === 0)
    problems.push({ path: "routes", value: routes, message: "must have at least one" });
  for (const { service, host } of routes)
    if (
      domain !== undefined &&
      host === undefined &&
      `${service}.${domain}`.length > (domainRule.longest ?? 0)
    ) {
      const message = `must leave room for ${service}: host names have at most ${domainRule.longest} characters`;
      problems.push({ path: "domain", value: domain, message });
    }
  if (domain === undefined && routes.length > 1) {
    const message = "must be exactly one without a domain: the services are told apart by their host names";
    const value = routes.map((route) => route.service);
    problems.push({ path: "routes", value, message, fix: "Set domain." });
  }
  for (const [what, values] of [
    ["service", routes.map((route) => route.service)],
    ["host", routes.map((route) => hostOf(route, domain))],
  ] as const) {
    const twice = values.find((value, index) => value !== undefined && values.indexOf(value) !== index);
    if (twice !== undefined)
      problems.push({ path: "routes", value: twice, message: `must not have a ${what} twice` });
  }
  const rules = routes
    .map((route) => route.apiPaths.length + deniedPaths(route.apiPaths).length)
    .reduce((sum, count) => sum + count, 0);
  if (rules > highestRuleCount) {
    const port = tls ? 443 : 80;
    const message = `make ${rules} rules on port ${port}, more than the ${highestRuleCount} of a load balancer`;
    problems.push({ path: "routes", value: routes.length, message, fix: "Make a second InferenceIngress." });
  }
  return problems;
}
