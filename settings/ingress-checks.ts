import { drainBudget } from "../components/budgets/budgets";
import { below, type Problem, renamed } from "../components/common/problem";
import { certificateRegionProblems, ingressProblems } from "../components/ingress/checks";
import type { IngressRoute } from "../components/ingress/ingress";
import type { ServiceSettings, Settings } from "./schema";
import { profileOf } from "./workload";

/** What is wrong with the way in, and with what of the services it opens. */
export function ingressSettingsProblems(
  ingress: Settings["ingress"],
  model: Settings["model"] | undefined,
  region: string | undefined,
): Problem[] {
  const { certificateArn } = ingress;
  const regionProblems = certificateArn && region ? certificateRegionProblems(certificateArn, region) : [];
  const exposed = model?.services.map((service, index) => ({ service, index })).filter(isExposed);
  if (exposed?.length === 0) {
    const message = "must be false: no service is exposed";
    const fix = "Set exposed: true for one.";
    return [...below("ingress", regionProblems), { path: "ingress.enabled", value: true, message, fix }];
  }
  // Without services that are right, only what the way in says of itself counts.
  const routes = (exposed ?? []).flatMap(({ service, index }) => routeOf(service, index));
  const found = ingressProblems({
    ...ingress,
    namespace: "",
    deletionProtection: false,
    routes: routes.length > 0 ? routes.map(({ route }) => route) : [anyRoute],
  });
  const places = Object.fromEntries(
    routes.map(({ index }, place) => [`routes[${place}]`, `model.services[${index}].custom`]),
  );
  return [
    ...below("ingress", regionProblems),
    ...renamed({ ...places, routes: "model.services" }, found).map((problem) =>
      problem.path.startsWith("model.") ? problem : { ...problem, path: `ingress.${problem.path}` },
    ),
  ];
}

const anyRoute: IngressRoute = {
  service: "any",
  port: 8000,
  apiPaths: ["/v1"],
  healthPath: "/health",
  drain: drainBudget({ longestRequestSeconds: 60, drains: true }),
};

function isExposed({ service }: { service: ServiceSettings }): boolean {
  return service.exposed;
}

function routeOf(service: ServiceSettings, index: number): { route: IngressRoute; index: number }[] {
  const profile = profileOf(service);
  if (!profile) return [];
  const { port, apiPaths, readinessPath } = profile;
  return [
    { route: { ...anyRoute, service: service.name, port, apiPaths, healthPath: readinessPath }, index },
  ];
}
