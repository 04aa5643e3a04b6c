import { Record as DnsRecord } from "@pulumi/aws/route53";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Ingress, IngressClass } from "@pulumi/kubernetes/networking/v1";
import * as pulumi from "@pulumi/pulumi";
import type { DrainBudget } from "../budgets/budgets";
import { refuse } from "../common/refuse";
import { namespaceNameLabel, platformLabels } from "../namespace/labels";
import { validatedCertificate } from "./certificate";
import { ingressProblems } from "./checks";
import { replacementGuard } from "./guard";
import { hostOf, routeAnnotations, routeRules } from "./routes";
import { LoadBalancerScheme } from "./scheme";

export { LoadBalancerScheme };

/** A service that clients reach through the load balancer. */
export interface IngressRoute {
  /** Name of the Kubernetes Service, in the namespace of the ingress. */
  service: string;
  /** Port of the Service. */
  port: number;
  /** Path prefixes that clients may reach, such as `/v1`. The root, `/metrics` and admin paths of servers are refused. */
  apiPaths: string[];
  /** Answers 200 on a pod that can take requests; asked by the load balancer, not reachable for clients. */
  healthPath: string;
  /** How long requests take and how a pod leaves. */
  drain: DrainBudget;
  /** Host name: the domain, or one label below it. @default `<service>.<domain>` */
  host?: string;
}

/** Arguments of `InferenceIngress`. */
export interface InferenceIngressArgs {
  /** Namespace of the Services. */
  namespace: pulumi.Input<string>;
  /**
   * `internal` or `internet-facing`. Internet-facing without `tls` is refused. Changing it replaces the load balancer, its
   * host name and addresses, and takes minutes in which nothing answers; it is refused with `deletionProtection`.
   */
  scheme: LoadBalancerScheme;
  /**
   * Subnets of the load balancer, two or more in different zones. Services that admit it by their blocks need those of the same
   * subnets. @default those that the controller finds by their tags
   */
  subnetIds?: pulumi.Input<string[]>;
  /** Who may connect, as address blocks. Empty: whoever can reach it; refused when internet-facing. */
  inboundCidrs: string[];
  /**
   * Domain of the services; not the apex of the hosted zone if a route's host is the domain itself (a CNAME is not
   * allowed there). @default none: any host name, and exactly one route
   */
  domain?: string;
  /** ACM certificate for the hosts, in the region of the cluster. @default one is made in `hostedZoneId` */
  certificateArn?: pulumi.Input<string>;
  /** Route 53 zone of the domain, in which the hosts get their records and the certificate its proof. @default no records */
  hostedZoneId?: string;
  /** HTTPS on 443 and a redirect from 80. Needs a certificate. False: plain HTTP on 80. */
  tls: boolean;
  /** What is reachable, at least one. */
  routes: IngressRoute[];
  /** Name of the load balancer in AWS, at most 32 characters. @default made by the controller */
  loadBalancerName?: string;
  /**
   * Guard the load balancer: AWS refuses to delete it behind the controller's back, and Pulumi refuses to delete what
   * it hangs on. To destroy it, first turn this off and run `pulumi up`.
   */
  deletionProtection: boolean;
  /** Tags of the certificate that is made here. @default none */
  tags?: Record<string, string>;
}

/**
 * By itself Pulumi also waits until no endpoint in the whole cluster has changed for ten seconds. Whether a service has
 * endpoints is its release's business.
 */
const untilHostname = { "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].hostname}" };

/** TLS 1.3 and 1.2 with forward secrecy and post-quantum key exchange: what AWS recommends and its console presets. */
const sslPolicy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

/**
 * One load balancer for all services: only their API paths, TLS, time-outs from the drain budgets. Who may connect, and
 * how, stands in IngressClassParams, which annotations of an Ingress cannot override.
 *
 * Must depend on `LoadBalancerController` (`dependsOn`; a child waits for what its component waits for, and is deleted
 * before it). `pulumi up` waits until the controller has made the load balancer and written its host name into each
 * Ingress (2 to 4 minutes); when the controller cannot (no permission, no subnets), it fails after 15 minutes, and the
 * reason is in the events of the Ingress. On destroy it waits until the controller has removed its finalizer, that is
 * until load balancer and security groups are gone.
 *
 * @example
 * ```ts
 * const { port, apiPaths, readinessPath } = chat.profile;
 * const ingress = new InferenceIngress(
 *   "ingress",
 *   {
 *     namespace: "llm",
 *     scheme: "internet-facing",
 *     inboundCidrs: ["0.0.0.0/0"],
 *     domain: "llm.example.com",
 *     hostedZoneId: "Z0123456789ABCDEFGHIJ",
 *     tls: true,
 *     routes: [{ service: "chat", port, apiPaths, healthPath: readinessPath, drain: chat.drain }],
 *     deletionProtection: true,
 *   },
 *   { provider },
 * );
 * export const endpoints = ingress.endpoints;
 * ```
 */
export class InferenceIngress extends pulumi.ComponentResource {
  /** DNS name of the load balancer. */
  readonly hostname: pulumi.Output<string>;
  /** Address of each service, by Service name: `https://llm.example.com`. */
  readonly endpoints: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: InferenceIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:InferenceIngress", name, {}, opts);
    refuse(this, name, ingressProblems(args));
    const labels = platformLabels(name, "ingress");

    const params = new CustomResource(
      `${name}-class-params`,
      {
        apiVersion: "elbv2.k8s.aws/v1beta1",
        kind: "IngressClassParams",
        metadata: { name, labels },
        spec: classParams(name, args, certificateOf(name, args, this)),
      },
      // Every Ingress hangs on it: guarding it guards the load balancer, and routes can still come and go.
      { parent: this, protect: args.deletionProtection, ...replacementGuard(name) },
    );
    const ingressClass = new IngressClass(
      `${name}-class`,
      {
        metadata: { name, labels },
        spec: {
          controller: "ingress.k8s.aws/alb",
          parameters: {
            apiGroup: "elbv2.k8s.aws",
            kind: "IngressClassParams",
            name: params.metadata.name,
          },
        },
      },
      { parent: this },
    );

    const hostnames = args.routes.map((route) => {
      const ingress = new Ingress(
        `${name}-${route.service}`,
        {
          metadata: {
            // Another load balancer may have a route to the same service.
            name: `${name}-${route.service}`,
            namespace: args.namespace,
            labels,
            annotations: { ...routeAnnotations(route, args.tls), ...untilHostname },
          },
          spec: {
            ingressClassName: ingressClass.metadata.name,
            rules: routeRules(route, args.domain),
          },
        },
        {
          parent: this,
          // A load balancer takes minutes to come, and to go with all its network interfaces.
          customTimeouts: { create: "15m", update: "15m", delete: "20m" },
          // The controller makes another load balancer then; only a new Ingress tells its host name.
          replacementTrigger: args.scheme,
          // The new one has the same name.
          deleteBeforeReplace: true,
        },
      );
      const hostname = ingress.status.apply(loadBalancerHostname);
      const host = hostOf(route, args.domain);
      if (host !== undefined && args.hostedZoneId !== undefined) {
        new DnsRecord(
          `${name}-${route.service}-record`,
          { zoneId: args.hostedZoneId, name: host, type: "CNAME", ttl: 60, records: [hostname] },
          { parent: this },
        );
      }
      return hostname;
    });

    this.hostname = pulumi.all(hostnames).apply(([first]) => first ?? "");
    this.endpoints = this.hostname.apply((hostname) => endpoints(args, hostname));
    this.registerOutputs({ hostname: this.hostname, endpoints: this.endpoints });
  }
}

/** The certificate to use: the given one, or one that is made; none without TLS. */
function certificateOf(
  name: string,
  { tls, certificateArn, domain, hostedZoneId, tags }: InferenceIngressArgs,
  parent: pulumi.Resource,
): pulumi.Input<string> | undefined {
  if (!tls) return undefined;
  if (certificateArn !== undefined) return certificateArn;
  return domain && hostedZoneId
    ? validatedCertificate(name, { domain, zoneId: hostedZoneId, tags }, parent)
    : undefined;
}

function classParams(name: string, args: InferenceIngressArgs, certificate?: pulumi.Input<string>) {
  const idleTimeout = Math.max(...args.routes.map((route) => route.drain.idleTimeoutSeconds));
  return {
    scheme: args.scheme,
    ...(args.inboundCidrs.length > 0 ? { inboundCIDRs: args.inboundCidrs } : {}),
    // One load balancer for all Ingresses of the class; and nobody else's: they could overrule our routes.
    group: { name },
    namespaceSelector: { matchLabels: { [namespaceNameLabel]: args.namespace } },
    targetType: "ip",
    ...(args.subnetIds === undefined ? {} : { subnets: { ids: args.subnetIds } }),
    ...(args.loadBalancerName === undefined ? {} : { loadBalancerName: args.loadBalancerName }),
    ...(certificate === undefined
      ? {}
      : { certificateArn: [certificate], sslPolicy, sslRedirectPort: "443" }),
    loadBalancerAttributes: [
      { key: "idle_timeout.timeout_seconds", value: String(idleTimeout) },
      { key: "routing.http.drop_invalid_header_fields.enabled", value: "true" },
      { key: "deletion_protection.enabled", value: String(args.deletionProtection) },
    ],
  };
}

/** The part of an Ingress's status that is read here. */
interface IngressStatusView {
  loadBalancer?: { ingress?: { hostname?: string }[] };
}

/** The provider waits until there is a host name; only without a cluster (offline plans) there is none. */
function loadBalancerHostname(status: IngressStatusView | undefined): string {
  return status?.loadBalancer?.ingress?.[0]?.hostname ?? "";
}

function endpoints(args: InferenceIngressArgs, hostname: string): Record<string, string> {
  const protocol = args.tls ? "https" : "http";
  return Object.fromEntries(
    args.routes.map((route) => [route.service, `${protocol}://${hostOf(route, args.domain) ?? hostname}`]),
  );
}
