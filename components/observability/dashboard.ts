import { unionExpression } from "../scaling/adapter-rules";
import { engineContainer } from "../scaling/hpa-metrics";
import { isLatency, isResource, signalCatalog } from "../signals/catalog";
import type { Scope } from "../signals/promql";
import { type Signal, SignalUnit } from "../signals/signal";
import { type MonitoredService, podPattern } from "./monitored-service";

/** What a panel of the dashboard shows. */
export interface DashboardPanel {
  title: string;
  /** Unit in Grafana's spelling. */
  unit: string;
  queries: DashboardQuery[];
}

/** One set of lines in a panel. */
export interface DashboardQuery {
  /** PromQL; `$namespace` and `$service` are chosen by the reader. */
  expr: string;
  legend: string;
}

/** Range of rates in panels, seconds: four scrapes of the slowest interval. */
const panelWindowSeconds = 240;

const chosen = 'namespace="$namespace"';

const grafanaUnits: Record<SignalUnit, string> = {
  [SignalUnit.Requests]: "short",
  [SignalUnit.RequestsPerSecond]: "reqps",
  [SignalUnit.TokensPerSecond]: "short",
  [SignalUnit.Ratio]: "percentunit",
  [SignalUnit.Seconds]: "s",
  [SignalUnit.Percent]: "percent",
};

/** The panels: replicas, then every signal that at least one of the services has. */
export function dashboardPanels(services: MonitoredService[]): DashboardPanel[] {
  const panels = Object.values(signalCatalog).map((signal) => signalPanel(signal, services));
  return [replicas(), ...panels.filter((panel) => panel.queries.every(({ expr }) => expr !== ""))];
}

function signalPanel(signal: Signal, services: MonitoredService[]): DashboardPanel {
  const perService = isLatency(signal);
  const scope: Scope = {
    matchers: `${chosen},service="$service"`,
    groupBy: perService ? "service" : "pod",
  };
  const expr = isResource(signal)
    ? resourceExpression(signal)
    : unionExpression(signal, services, scope, panelWindowSeconds);
  return {
    title: signal.title,
    unit: grafanaUnits[signal.unit],
    queries: [{ expr, legend: perService ? "{{service}}" : "{{pod}}" }],
  };
}

/** CPU or memory of the engine's container in percent of its request: what the autoscaler compares. */
function resourceExpression(signal: Signal): string {
  const container = `${chosen},pod=~"${podPattern("$service")}",container="${engineContainer}"`;
  const cpu = signal.name.startsWith("cpu");
  const used = cpu
    ? `rate(container_cpu_usage_seconds_total{${container}}[${panelWindowSeconds}s])`
    : `container_memory_working_set_bytes{${container}}`;
  const requested = `kube_pod_container_resource_requests{${container},resource="${cpu ? "cpu" : "memory"}"}`;
  return `100 * sum by (pod) (${used}) / sum by (pod) (${requested})`;
}

function replicas(): DashboardPanel {
  const autoscaler = `{${chosen},horizontalpodautoscaler="$service"}`;
  return {
    title: "Replicas",
    unit: "short",
    queries: [
      {
        expr: `sum(kube_deployment_status_replicas_ready{${chosen},deployment="$service"})`,
        legend: "ready",
      },
      { expr: `max(kube_horizontalpodautoscaler_status_desired_replicas${autoscaler})`, legend: "wanted" },
      { expr: `max(kube_horizontalpodautoscaler_spec_min_replicas${autoscaler})`, legend: "lowest" },
      { expr: `max(kube_horizontalpodautoscaler_spec_max_replicas${autoscaler})`, legend: "highest" },
    ],
  };
}

/** The dashboard of these services as Grafana's JSON; `name` sets it apart. It does not grow with services of the same engine. */
export function dashboard(services: MonitoredService[], name: string): string {
  const datasource = { type: "prometheus", uid: "$datasource" };
  const autoscalers = "kube_horizontalpodautoscaler_spec_max_replicas";
  return JSON.stringify({
    // Grafana takes 40 characters.
    uid: name.slice(0, 40),
    title: `Inference services: ${name}`,
    schemaVersion: 39,
    editable: false,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", hide: 2 },
        choice("namespace", `label_values(${autoscalers}, namespace)`),
        choice("service", `label_values(${autoscalers}{${chosen}}, horizontalpodautoscaler)`),
      ],
    },
    panels: dashboardPanels(services).map((panel, index) => ({
      id: index + 1,
      type: "timeseries",
      title: panel.title,
      datasource,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
      fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
      // A gap stays a gap: missing data is not nothing.
      options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
      targets: panel.queries.map(({ expr, legend }, target) => ({
        refId: String.fromCharCode(65 + target),
        datasource,
        expr,
        legendFormat: legend,
      })),
    })),
  });
}

function choice(name: string, query: string) {
  return {
    name,
    type: "query",
    datasource: { type: "prometheus", uid: "$datasource" },
    query: { query, refId: name },
    // When the time range changes: services come and go.
    refresh: 2,
    sort: 1,
  };
}
