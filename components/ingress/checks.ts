import type { Problem } from "../common/problem";
import type { InferenceIngressArgs, IngressRoute } from "./ingress";
import { adminPaths, deniedPaths, hostOf, isWithin } from "./routes";
import { LoadBalancerScheme } from "./scheme";

/** Rules of one load balancer, without the default one. Source: "Quotas for your Application Load Balancers", default. */
const highestRuleCount = 100;

/** What is wrong with the arguments of an `InferenceIngress`; empty when nothing is. */
export function ingressProblems(args: InferenceIngressArgs): Problem[] {
  return [
    ...exposureProblems(args),
    ...certificateProblems(args),
    ...nameProblems(args),
    ...args.routes.flatMap((route, index) => routeProblems(route, args.domain, `routes[${index}]`)),
    ...routeListProblems(args),
  ];
}

function exposureProblems({ scheme, tls, inboundCidrs }: InferenceIngressArgs): Problem[] {
  const problems: Problem[] = [];
  const schemes: string[] = Object.values(LoadBalancerScheme);
  if (!schemes.includes(scheme)) {
    return [{ path: "scheme", value: scheme, message: `must be one of ${schemes.join(", ")}` }];
  }
  if (scheme !== LoadBalancerScheme.InternetFacing) return [];
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
  return problems;
}

function certificateProblems({ tls, certificateArn, hostedZoneId, domain }: InferenceIngressArgs): Problem[] {
  const problems: Problem[] = [];
  if (tls && certificateArn === undefined && hostedZoneId === undefined) {
    const message = "needs a certificate";
    const fix = "Give certificateArn, or hostedZoneId with domain to have one made, or set tls to false.";
    problems.push({ path: "tls", value: tls, message, fix });
  }
  if (hostedZoneId !== undefined && domain === undefined) {
    const message = "needs domain, to know which records to make in the zone";
    problems.push({ path: "hostedZoneId", value: hostedZoneId, message });
  }
  return problems;
}

function nameProblems({ loadBalancerName }: InferenceIngressArgs): Problem[] {
  if (loadBalancerName === undefined) return [];
  if (/^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/.test(loadBalancerName)) return [];
  const message =
    "must be 1 to 32 letters, digits and hyphens, with a letter or digit at both ends, and not begin with internal-";
  return [{ path: "loadBalancerName", value: loadBalancerName, message }];
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
  if (!/^\/[^\s?#]*$/.test(route.healthPath)) {
    problems.push({
      path: `${path}.healthPath`,
      value: route.healthPath,
      message: "must be an absolute path",
    });
  }
  return problems;
}

function apiPathProblem(path: string): string | undefined {
  if (path === "/")
    return "must not be the root, which opens metrics and admin routes, too: name the API's paths";
  if (!/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) {
    return "must be an absolute path of letters, digits and . _ ~ - without wildcards or a slash at the end";
  }
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
