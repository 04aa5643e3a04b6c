import { Engine, type EngineProfile } from "../engines/profile";
import { isLatency, isResource, signalNamed } from "../signals/catalog";
import { SignalName } from "../signals/names";
import { adapterScope, quoted, type Scope, signalExpression, storedNames } from "../signals/promql";
import type { LabelMatch, SignalSource } from "../signals/series";
import type { Signal, SignalTarget } from "../signals/signal";

/** A service whose engine is measured. */
export interface MeasuredService {
  /** Its namespace. */
  namespace: string;
  /** Name of its Kubernetes Service: the label `service` of its series. */
  serviceName: string;
  /** The server, which says which series there are. */
  profile: EngineProfile;
  /** What it scales on. */
  signals: SignalTarget[];
}

/** A rule of prometheus-adapter, in the spelling of its configuration. */
export interface AdapterRule {
  /** Which series the adapter looks for; as long as one is there, the metric is known. */
  seriesQuery: string;
  /** To which objects the metric belongs. */
  resources: AdapterResources;
  /** How the metric is called. */
  name: AdapterName;
  /** PromQL with the adapter's placeholders. */
  metricsQuery: string;
}

/** Which labels name which Kubernetes resources. */
export interface AdapterResources {
  /** By label. */
  overrides: Record<string, AdapterResource>;
  /** False for an external metric that belongs to no namespace. @default true */
  namespaced?: boolean;
}

/** A Kubernetes resource, singular. */
export interface AdapterResource {
  /** Its name: `pod`, `service`, `namespace`. */
  resource: string;
}

/** How a metric is called. */
export interface AdapterName {
  /** Pattern that the series' name must match. Empty: any. */
  matches: string;
  /** Name in the metrics API. */
  as: string;
}

/**
 * The rules of the cluster's one adapter: one per signal, however many services follow it.
 *
 * The adapter keeps a single rule per metric name, so engines and versions under the same neutral name are
 * alternatives within one query; each pod has the series of only one of them.
 *
 * @example
 * ```ts
 * adapterRules([chat], 60).map((rule) => rule.name.as); // → ["inference_queue_depth", "inference_requests_in_flight"]
 * ```
 */
export function adapterRules(services: MeasuredService[], rateWindowSeconds: number): AdapterRule[] {
  const names = services.flatMap((service) => service.signals.map((wanted) => wanted.signal));
  return [...new Set(names)]
    .map(signalNamed)
    .filter((signal) => !isResource(signal))
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((signal) => signalRule(signal, services, rateWindowSeconds));
}

/** Services that compute a signal in the same way. */
interface Alternative {
  source: SignalSource;
  /** Of a quantile: requests that the engine works on. */
  inFlight?: SignalSource;
  services: MeasuredService[];
}

function signalRule(signal: Signal, services: MeasuredService[], windowSeconds: number): AdapterRule {
  const followers = services.filter((service) =>
    service.signals.some((wanted) => wanted.signal === signal.name),
  );
  for (const { namespace, serviceName, profile } of followers)
    if (!profile.signals[signal.name])
      throw new Error(`${namespace}/${serviceName} has no series for the signal ${signal.name}`);
  const stored = alternativesOf(signal, followers).flatMap(({ source }) => storedNames(source));
  // One number per service for a quantile, one per pod for everything else.
  const object = isLatency(signal) ? "service" : "pod";
  return {
    // Series without these labels are nobody's; a router that re-exports the engine's has its own.
    seriesQuery: `{__name__=~"^(${[...new Set(stored)].sort().join("|")})$",namespace!="",pod!="",service!=""}`,
    resources: {
      overrides: { namespace: { resource: "namespace" }, [object]: { resource: object } },
    },
    name: { matches: "", as: signal.name },
    metricsQuery: unionExpression(signal, followers, adapterScope, windowSeconds),
  };
}

/**
 * The value of a signal whichever of the services' engines exports it: the expressions of engines and versions as
 * alternatives, each once. Services whose engine lacks the signal are left out; empty when all do.
 *
 * @example
 * ```ts
 * const queue = signalNamed("inference_queue_depth");
 * unionExpression(queue, [chat], serviceScope("llm", "chat", "pod"), 60); // → '(sum by (pod) (vllm:num_requests_waiting{namespace="llm",service="chat"})) >= 0'
 * ```
 */
export function unionExpression(
  signal: Signal,
  services: MeasuredService[],
  scope: Scope,
  windowSeconds: number,
): string {
  const alternatives = alternativesOf(signal, services);
  const expressions = alternatives.map((alternative) => {
    const { source, inFlight } = isAmbiguous(alternative, alternatives) ? scoped(alternative) : alternative;
    return signalExpression(signal, source, scope, windowSeconds, inFlight);
  });
  return expressions.length < 2 ? expressions.join("") : expressions.map((text) => `(${text})`).join(" or ");
}

function alternativesOf(signal: Signal, services: MeasuredService[]): Alternative[] {
  const byText = new Map<string, Alternative>();
  for (const service of services) {
    const source = service.profile.metricsPath ? service.profile.signals[signal.name] : undefined;
    if (!source) continue;
    const inFlight = isLatency(signal) ? service.profile.signals[SignalName.RequestsInFlight] : undefined;
    const key = JSON.stringify([source, inFlight]);
    const known = byText.get(key);
    if (known) known.services.push(service);
    else byText.set(key, { source, ...(inFlight ? { inFlight } : {}), services: [service] });
  }
  // By content, so that the order of the services never changes the adapter.
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, alternative]) => alternative);
}

/**
 * True when the alternative might answer for pods of another one: a server of one's own may export anything. Rows of
 * the catalog that compute a signal differently have no series in common.
 */
function isAmbiguous(alternative: Alternative, all: Alternative[]): boolean {
  return all.length > 1 && alternative.services.some(({ profile }) => profile.engine === Engine.Custom);
}

/** The alternative, limited to the services that compute the signal in this way. */
function scoped({ source, inFlight, services }: Alternative): Alternative {
  const unique = (values: string[]) => [...new Set(values)].sort().join("|");
  const limits: LabelMatch[] = [
    { label: "namespace", operator: "=~", value: unique(services.map(({ namespace }) => namespace)) },
    { label: "service", operator: "=~", value: unique(services.map(({ serviceName }) => serviceName)) },
  ];
  const limited = (whole: SignalSource): SignalSource => ({
    ...whole,
    series: whole.series.map((series) => ({ ...series, where: [...(series.where ?? []), ...limits] })),
  });
  return { source: limited(source), services, ...(inFlight ? { inFlight: limited(inFlight) } : {}) };
}

/** A number outside the pods, such as the length of a queue, that an autoscaler follows. */
export interface ExternalSignal {
  /** Name of the metric in the external metrics API, and of the series in Prometheus. A gauge. */
  name: string;
  /** Labels of the series, with the value each must have. */
  labels: Record<string, string>;
}

/**
 * The rule that offers an external gauge: summed over its exporters, absent when it is absent or NaN.
 *
 * @example
 * ```ts
 * externalRule({ name: "queue_depth", labels: { queue: "tasks" } }); // → { name: { as: "queue_depth" } }
 * ```
 */
export function externalRule(signal: ExternalSignal): AdapterRule {
  const labels = Object.keys(signal.labels).map((label) => `,${label}!=""`);
  return {
    seriesQuery: `{__name__=${quoted(signal.name)}${labels.join("")}}`,
    // The queue may live in another namespace than its workers.
    resources: { overrides: {}, namespaced: false },
    name: { matches: "", as: signal.name },
    metricsQuery: `sum(${signal.name}{<<.LabelMatchers>>}) >= 0`,
  };
}
