import type { IngressRoute } from "./ingress";

/**
 * Paths by which clients could read out or change a server, of vLLM, SGLang, TGI and Triton. A route to one of them, or
 * below, is refused; where one lies below a route's own paths, the load balancer answers 404 in the server's place.
 *
 * The second is a second line of defence: the load balancer compares paths as they are written, and a server may also
 * understand other spellings. The first line is a server that has such functions turned off, as ours have.
 */
export const adminPaths = [
  // Every engine, and every FastAPI server
  "/metrics",
  "/docs",
  "/redoc",
  "/openapi.json",
  // vLLM
  "/collective_rpc",
  "/is_sleeping",
  "/load",
  "/reset_mm_cache",
  "/reset_prefix_cache",
  "/scale_elastic_ep",
  "/server_info",
  "/sleep",
  "/start_profile",
  "/stop_profile",
  "/v1/load_lora_adapter",
  "/v1/unload_lora_adapter",
  "/wake_up",
  // SGLang
  "/abort_request",
  "/configure_logging",
  "/continue_generation",
  "/flush_cache",
  "/get_internal_state",
  "/get_server_info",
  "/get_weights_by_name",
  "/init_weights_update_group",
  "/load_lora_adapter",
  "/pause_generation",
  "/release_memory_occupation",
  "/resume_memory_occupation",
  "/set_internal_state",
  "/slow_down",
  "/unload_lora_adapter",
  "/update_weights_from_disk",
  "/update_weights_from_distributed",
  "/update_weights_from_tensor",
  // TGI
  "/info",
  // Triton
  "/v2/cudasharedmemory",
  "/v2/logging",
  "/v2/repository",
  "/v2/systemsharedmemory",
  "/v2/trace",
];

/** True when `path` is `prefix` or lies below it, by whole segments, as Kubernetes matches paths of type Prefix. */
export function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** The admin paths that a prefix would open; they get a rule that denies them. */
export function deniedPaths(apiPaths: string[]): string[] {
  return adminPaths.filter((admin) => apiPaths.some((path) => isWithin(admin, path)));
}

/** Host name under which clients reach a route; undefined without a domain: then any. */
export function hostOf(route: IngressRoute, domain: string | undefined): string | undefined {
  return domain === undefined ? undefined : (route.host ?? `${route.service}.${domain}`);
}

/** Name of the action that answers 404; stands where otherwise a Service is named. */
const denyAction = "deny";

/** Annotations of a route's Ingress: what the load balancer must know about this service and no other. */
export function routeAnnotations(route: IngressRoute, tls: boolean): Record<string, string> {
  const prefix = "alb.ingress.kubernetes.io";
  const deny = {
    type: "fixed-response",
    fixedResponseConfig: { contentType: "text/plain", statusCode: "404", messageBody: "Not found" },
  };
  return {
    [`${prefix}/listen-ports`]: JSON.stringify(tls ? [{ HTTP: 80 }, { HTTPS: 443 }] : [{ HTTP: 80 }]),
    [`${prefix}/healthcheck-path`]: route.healthPath,
    [`${prefix}/success-codes`]: "200",
    [`${prefix}/healthcheck-interval-seconds`]: "10",
    [`${prefix}/healthcheck-timeout-seconds`]: "5",
    [`${prefix}/healthy-threshold-count`]: "2",
    [`${prefix}/unhealthy-threshold-count`]: "3",
    [`${prefix}/target-group-attributes`]: [
      `deregistration_delay.timeout_seconds=${route.drain.deregistrationDelaySeconds}`,
      // Requests differ in length by orders of magnitude: turns would pile them up on one replica.
      "load_balancing.algorithm.type=least_outstanding_requests",
    ].join(","),
    ...(deniedPaths(route.apiPaths).length > 0
      ? { [`${prefix}/actions.${denyAction}`]: JSON.stringify(deny) }
      : {}),
  };
}

/** The rules of a route's Ingress. The controller puts longer paths first, so that the denied ones win. */
export function routeRules(route: IngressRoute, domain: string | undefined) {
  const prefix = (path: string, name: string, port: { name: string } | { number: number }) => ({
    path,
    pathType: "Prefix",
    backend: { service: { name, port } },
  });
  const host = hostOf(route, domain);
  return [
    {
      ...(host === undefined ? {} : { host }),
      http: {
        paths: [
          ...deniedPaths(route.apiPaths).map((path) => prefix(path, denyAction, { name: "use-annotation" })),
          ...route.apiPaths.map((path) => prefix(path, route.service, { number: route.port })),
        ],
      },
    },
  ];
}
