import { isLatency, isResource, signalNamed } from "../signals/catalog";
import { SignalName } from "../signals/names";
import { quoted, serviceScope, signalExpression } from "../signals/promql";
import { type MonitoredService, podPattern } from "./monitored-service";

/** A group of alerts in the spelling of Prometheus. */
export interface AlertGroup {
  name: string;
  rules: AlertRule[];
}

/** An alert in the spelling of Prometheus. */
export interface AlertRule {
  alert: string;
  expr: string;
  /** How long it must be true. */
  for: string;
  labels: Record<string, string>;
  /** `summary`, `description` with what to look at, and `runbook_url`. */
  annotations: Record<string, string>;
}

/** What the alerts need to know beside the services. */
export interface AlertSettings {
  /** Namespace of the metrics adapter. */
  adapterNamespace: string;
  /** Name of the metrics adapter's Deployment. */
  adapterName: string;
  /** Page with one heading per alert, without anchor. @default docs/alerts.md */
  runbook?: string;
}

/** How severe an alert is: somebody must look now, or during working hours. */
export const Severity = { Critical: "critical", Warning: "warning" } as const;
export type Severity = (typeof Severity)[keyof typeof Severity];

/** Range of rates in alerts, seconds: calmer than what the autoscaler sees. */
export const alertWindowSeconds = 300;

interface AlertText {
  alert: string;
  expr: string;
  for: string;
  severity: Severity;
  labels?: Record<string, string>;
  summary: string;
  description: string;
}

/** The alerts of all services, one group each, and one group for what they share. */
export function alertGroups(services: MonitoredService[], settings: AlertSettings): AlertGroup[] {
  const rule = ({ alert, expr, for: duration, severity, labels, summary, description }: AlertText) => ({
    alert,
    expr,
    for: duration,
    labels: { severity, ...labels },
    annotations: {
      summary,
      description,
      runbook_url: `${settings.runbook ?? "docs/alerts.md"}#${alert.toLowerCase()}`,
    },
  });
  return [
    { name: "inference-platform", rules: [adapterDown(settings)].map(rule) },
    ...services.map((service) => ({
      name: `inference-${service.namespace}-${service.serviceName}`,
      rules: serviceAlerts(service).map((text) =>
        rule({
          ...text,
          labels: { ...text.labels, namespace: service.namespace, service: service.serviceName },
        }),
      ),
    })),
  ];
}

function adapterDown({ adapterNamespace, adapterName }: AlertSettings): AlertText {
  return {
    alert: "MetricsAdapterDown",
    // Also when the Deployment itself is gone.
    expr: `absent(kube_deployment_status_replicas_available{namespace=${quoted(adapterNamespace)},deployment=${quoted(adapterName)}} > 0)`,
    for: "2m",
    severity: Severity.Critical,
    summary: "No replica of the metrics adapter answers",
    description: `Autoscalers that follow anything but CPU and memory hold their replicas. Look at the pods of ${adapterName} in ${adapterNamespace}, and at the APIService v1beta1.custom.metrics.k8s.io.`,
  };
}

function serviceAlerts(service: MonitoredService): AlertText[] {
  return [
    ...signalsAbsent(service),
    autoscalerBlind(service),
    atMaximum(service),
    unschedulable(service),
    startingTooLong(service),
    ...errors(service),
    ...slowFirstToken(service),
  ];
}

function objectMatchers({ namespace, serviceName }: MonitoredService, label: string): string {
  return `namespace=${quoted(namespace)},${label}=${quoted(serviceName)}`;
}

function podMatchers({ namespace, serviceName }: MonitoredService): string {
  return `namespace=${quoted(namespace)},pod=~${quoted(podPattern(serviceName))}`;
}

/** Fewer pods have the signal than are Ready. A latency is left out: there is none until a request is answered. */
function signalsAbsent(service: MonitoredService): AlertText[] {
  const { namespace, serviceName, profile, signals } = service;
  const ready = `sum(kube_deployment_status_replicas_ready{${objectMatchers(service, "deployment")}})`;
  return signals.flatMap((wanted) => {
    const signal = signalNamed(wanted.signal);
    const source = profile.signals[signal.name];
    if (!source || isResource(signal) || isLatency(signal)) return [];
    const scope = serviceScope(namespace, serviceName, "pod");
    const perPod = signalExpression(signal, source, scope, alertWindowSeconds);
    return [
      {
        alert: "InferenceSignalAbsent",
        expr: `(${ready} > 0) unless (count(${perPod}) >= ${ready})`,
        for: "5m",
        severity: Severity.Warning,
        labels: { signal: signal.name },
        summary: `${serviceName}: ${signal.name} is missing for Ready replicas`,
        description: `The autoscaler does not remove replicas while a signal is missing. Look at the target of ${serviceName} in Prometheus, and whether ${profile.engine} ${profile.version} still exports ${source.series.map(({ name }) => name).join(", ")}.`,
      },
    ];
  });
}

function autoscalerBlind(service: MonitoredService): AlertText {
  const { serviceName } = service;
  return {
    alert: "InferenceAutoscalerBlind",
    expr: `kube_horizontalpodautoscaler_status_condition{${objectMatchers(service, "horizontalpodautoscaler")},condition="ScalingActive",status="false"} == 1`,
    for: "5m",
    severity: Severity.Critical,
    summary: `${serviceName}: the autoscaler cannot read its metrics`,
    description: `Replicas stay as they are, whatever the load. \`kubectl describe hpa ${serviceName}\` names the metric; then look at the metrics adapter and at Prometheus.`,
  };
}

function atMaximum(service: MonitoredService): AlertText {
  const { serviceName } = service;
  const matchers = objectMatchers(service, "horizontalpodautoscaler");
  const of = (what: string) => `max(kube_horizontalpodautoscaler_${what}{${matchers}})`;
  return {
    alert: "InferenceAtMaximum",
    // A service of fixed size is always at its maximum.
    expr: `(${of("status_desired_replicas")} >= ${of("spec_max_replicas")}) and (${of("spec_max_replicas")} > ${of("spec_min_replicas")})`,
    for: "30m",
    severity: Severity.Warning,
    summary: `${serviceName}: at its highest number of replicas for half an hour`,
    description:
      "More load will make requests wait. Look at queue depth and latency; raise the maximum and, if needed, the node group's, or the target when replicas have room.",
  };
}

function unschedulable(service: MonitoredService): AlertText {
  const { serviceName } = service;
  return {
    alert: "InferencePodsUnschedulable",
    expr: `sum(kube_pod_status_unschedulable{${podMatchers(service)}}) > 0`,
    // Longer than a node takes to start.
    for: "10m",
    severity: Severity.Warning,
    summary: `${serviceName}: {{ $value }} replicas find no node`,
    description:
      "Look at the events of the pending pods, at the cluster autoscaler's log, and at the account's quota and the zone's capacity for the GPU instance type.",
  };
}

function startingTooLong(service: MonitoredService): AlertText {
  const { serviceName, startup } = service;
  const pods = podMatchers(service);
  return {
    alert: "InferenceStartupOverBudget",
    expr: `sum by (pod) (kube_pod_status_ready{${pods},condition="true"} == 0 and on (pod) kube_pod_status_phase{${pods},phase=~"Pending|Running"} == 1) == 0`,
    for: `${Math.ceil(startup.coldSeconds)}s`,
    severity: Severity.Warning,
    summary: `${serviceName}: {{ $labels.pod }} is not Ready after ${Math.ceil(startup.coldSeconds)} seconds`,
    description: `That is what a start from nothing is expected to take. Look at the pod's events (image pull, node) and at the engine's log (download, compilation); when it is the normal time, raise the start-up budget, or replicas will be removed while they load.`,
  };
}

function errors(service: MonitoredService): AlertText[] {
  const { namespace, serviceName, profile, errorRatio = 0.05 } = service;
  const failures = profile.signals[SignalName.FailuresPerSecond];
  const answered = profile.signals[SignalName.RequestsPerSecond];
  if (!failures || !answered) return [];
  const scope = serviceScope(namespace, serviceName, "");
  const rate = (name: SignalName, source: typeof failures) =>
    `(${signalExpression(signalNamed(name), source, scope, alertWindowSeconds)})`;
  const failed = rate(SignalName.FailuresPerSecond, failures);
  return [
    {
      alert: "InferenceErrors",
      expr: `${failed} / (${failed} + ${rate(SignalName.RequestsPerSecond, answered)}) > ${errorRatio}`,
      for: "5m",
      severity: Severity.Critical,
      summary: `${serviceName}: {{ $value | humanizePercentage }} of the requests fail`,
      description:
        "Look at the engine's log for the errors, at restarts and out-of-memory kills, and at what was deployed last.",
    },
  ];
}

function slowFirstToken(service: MonitoredService): AlertText[] {
  const { namespace, serviceName, profile, signals } = service;
  const source = profile.signals[SignalName.TimeToFirstTokenP95];
  if (!source) return [];
  const followed = signals.find((wanted) => wanted.signal === SignalName.TimeToFirstTokenP95);
  const objective = service.timeToFirstTokenSeconds ?? followed?.target ?? 2;
  const scope = serviceScope(namespace, serviceName, "");
  const p95 = signalExpression(
    signalNamed(SignalName.TimeToFirstTokenP95),
    source,
    scope,
    alertWindowSeconds,
  );
  return [
    {
      alert: "InferenceFirstTokenSlow",
      expr: `(${p95}) > ${objective}`,
      for: "10m",
      severity: Severity.Warning,
      summary: `${serviceName}: the first token takes {{ $value | humanizeDuration }} for one request in twenty`,
      description: `The objective is ${objective} seconds. Look at queue depth and replicas: at the maximum, unschedulable, or starting; otherwise at the length of prompts and the KV cache.`,
    },
  ];
}
