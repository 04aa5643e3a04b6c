import { describe, expect, it } from "vitest";
import { type AlertGroup, alertGroups } from "../../components/observability/alerts";
import { dashboard, dashboardPanels } from "../../components/observability/dashboard";
import { InferenceMonitoring } from "../../components/observability/inference-monitoring";
import type { MonitoredService } from "../../components/observability/monitored-service";
import { keptSeries, SignalName } from "../../components/scaling";
import { exposition, type InputSeries, interval, type Pod, stored } from "../expositions/exposition";
import {
  checkRules,
  type ExpressionTest,
  promtool,
  promtoolMissing,
  type Scenario,
} from "../expositions/promtool";
import { nlu, startup, vllmService } from "../scaling/samples";
import { record } from "../support/components";

const chat: MonitoredService = { ...vllmService("chat"), startup };
const services = [chat, { ...nlu("nlu"), startup }];
const groups = alertGroups(services, { adapterNamespace: "monitoring", adapterName: "adapter" });
// Rates over 5 minutes, and 5 minutes until most alerts fire.
const scrapes = 45;
const end = (scrapes - 1) * interval;

// promtool compares annotations too; what they say is not what these tests are about.
const bare = groups.map((group) => ({
  ...group,
  rules: group.rules.map(({ annotations: _, ...rule }) => rule),
}));

const pods = (count: number, change: Partial<Pod> = {}): InputSeries[] =>
  Array.from({ length: count }, (_, index) => ({
    namespace: "inference",
    service: "chat",
    pod: `chat-7d9f8b6c5-x2x4${index}`,
    samples: exposition("vllm-0.30.0"),
    ...change,
  })).flatMap((pod) => stored(pod, keptSeries(chat.profile), scrapes));

const constant = (series: string, value: number | string): InputSeries => ({
  series,
  values: `${value}x${3 * scrapes}`,
});
const deployment = 'namespace="inference",deployment="chat"';
const autoscaler = 'namespace="inference",horizontalpodautoscaler="chat"';
const healthyAdapter = constant(
  'kube_deployment_status_replicas_available{namespace="monitoring",deployment="adapter"}',
  2,
);

/** What a healthy service with that many Ready pods looks like. */
const healthy = (ready: number): InputSeries[] => [
  healthyAdapter,
  constant(`kube_deployment_status_replicas_ready{${deployment}}`, ready),
  constant(`kube_horizontalpodautoscaler_status_desired_replicas{${autoscaler}}`, ready),
  constant(`kube_horizontalpodautoscaler_spec_max_replicas{${autoscaler}}`, 4),
  constant(`kube_horizontalpodautoscaler_spec_min_replicas{${autoscaler}}`, 1),
  constant(
    `kube_horizontalpodautoscaler_status_condition{${autoscaler},condition="ScalingActive",status="false"}`,
    0,
  ),
];

const without = (series: InputSeries[], text: string) =>
  series.filter((entry) => !entry.series.includes(text));

/** What fires at the end of a scenario: `alert` or `alert pod`, and nothing else. */
function fires(
  name: string,
  series: InputSeries[],
  alerts: Record<string, Record<string, string>[]>,
  at = end,
) {
  const scenario: Scenario = {
    name,
    interval: `${interval}s`,
    input_series: series,
    alert_rule_test: [...new Set(bare.flatMap((group) => group.rules.map(({ alert }) => alert)))].map(
      (alertname) => ({
        alertname,
        eval_time: `${at}s`,
        exp_alerts: (alerts[alertname] ?? []).map((labels) => ({ exp_labels: labels })),
      }),
    ),
  };
  expect(promtool([scenario], bare)).toBe("");
}

const warning = { severity: "warning", namespace: "inference", service: "chat" };
const critical = { ...warning, severity: "critical" };

describe.skipIf(promtoolMissing)("alerts, evaluated by Prometheus", () => {
  it("are well-formed, templates included", () => {
    expect(checkRules(groups)).toBe("");
  });

  it("are silent while all is well, with and without traffic", () => {
    fires("busy", [...healthy(2), ...pods(2, { load: 0.1 })], { InferenceErrors: [] });
    fires("idle", [...healthy(2), ...pods(2, { load: 0 })], {});
  });

  it("tell that a signal is missing for one of two Ready replicas, and for all", () => {
    const absent = (signal: string) => ({ ...warning, signal });
    const all = chat.signals
      .map(({ signal }) => signal)
      .filter((name) => name !== SignalName.TimeToFirstTokenP95);
    fires("one", [...healthy(2), ...pods(1)], { InferenceSignalAbsent: all.map(absent) });
    fires("all", healthy(2), { InferenceSignalAbsent: all.map(absent) });
    fires("renamed", [...healthy(1), ...without(pods(1), "vllm:kv_cache")], {
      InferenceSignalAbsent: [absent(SignalName.KvCacheUtilization)],
    });
    fires("scaled to none by hand", healthy(0), {});
  });

  it("tell that the autoscaler cannot read its metrics", () => {
    const blind = without(healthy(1), "ScalingActive");
    const condition = constant(
      `kube_horizontalpodautoscaler_status_condition{${autoscaler},condition="ScalingActive",status="false"}`,
      1,
    );
    const labels = { condition: "ScalingActive", status: "false", horizontalpodautoscaler: "chat" };
    fires("blind", [...blind, condition, ...pods(1)], {
      InferenceAutoscalerBlind: [{ ...critical, ...labels }],
    });
  });

  it("tell of half an hour at the maximum, but not of a service of fixed size", () => {
    const long = 3 * end;
    const full = [
      ...without(healthy(1), "desired"),
      constant(`kube_horizontalpodautoscaler_status_desired_replicas{${autoscaler}}`, 4),
      ...pods(1).map(prolonged),
    ];
    fires("full", full, { InferenceAtMaximum: [warning] }, long);
    const fixed = [
      ...without(full, "spec_min"),
      constant(`kube_horizontalpodautoscaler_spec_min_replicas{${autoscaler}}`, 4),
    ];
    fires("fixed", fixed, {}, long);
  });

  it("tell of pods that find no node, of this service only", () => {
    const pending = (pod: string) =>
      constant(`kube_pod_status_unschedulable{namespace="inference",pod="${pod}"}`, 1);
    fires("pending", [...healthy(1), ...pods(1), pending("chat-7d9f8b6c5-abcde")], {
      InferencePodsUnschedulable: [warning],
    });
    fires("other's", [...healthy(1), ...pods(1), pending("chat-large-7d9f8b6c5-abcde")], {});
  });

  it("tell of a start that takes longer than its budget, not of one within it", () => {
    const pod = "chat-7d9f8b6c5-abcde";
    const starting = [
      constant(`kube_pod_status_ready{namespace="inference",pod="${pod}",condition="true"}`, 0),
      constant(`kube_pod_status_phase{namespace="inference",pod="${pod}",phase="Running"}`, 1),
    ];
    const scene = [...healthy(1), ...pods(1), ...starting];
    fires("within", scene, {}, startup.coldSeconds - 60);
    fires("beyond", scene, { InferenceStartupOverBudget: [{ ...warning, pod }] }, startup.coldSeconds + 60);
  });

  it("tell that no adapter answers, also when its Deployment is gone", () => {
    const adapterDown = {
      MetricsAdapterDown: [{ severity: "critical" }],
    };
    const scene = [...without(healthy(1), "adapter"), ...pods(1)];
    const none = constant(
      'kube_deployment_status_replicas_available{namespace="monitoring",deployment="adapter"}',
      0,
    );
    fires("0 of 2", [...scene, none], adapterDown);
    fires("gone", scene, adapterDown);
  });

  it("tell of errors above the share that is allowed", () => {
    const failing = exposition("vllm-0.30.0").map((sample) =>
      sample.labels.status === "5xx" ? { ...sample, value: sample.value * 3 } : sample,
    );
    fires("15 %", [...healthy(1), ...pods(1, { samples: failing })], { InferenceErrors: [critical] });
  });

  it("tell of a slow first token against the objective of the service", () => {
    const slow = exposition("vllm-0.30.0").map((sample) =>
      sample.name.startsWith("vllm:time_to_first_token") && Number(sample.labels.le) < 5
        ? { ...sample, value: 0 }
        : sample,
    );
    fires(
      "slow",
      [...healthy(1), ...pods(1, { samples: slow }).map(prolonged)],
      { InferenceFirstTokenSlow: [warning] },
      2 * end,
    );
  });
});

/** Three times as long: the first values go on as they began. */
function prolonged(entry: InputSeries): InputSeries {
  const values = entry.values.split(" ").map(Number);
  const step = (values[1] ?? 0) - (values[0] ?? 0);
  return { ...entry, values: `${values[0] ?? 0}+${step}x${3 * scrapes}` };
}

describe("every alert", () => {
  const rules = groups.flatMap((group: AlertGroup) => group.rules);

  it("says what happened, what to look at, and where its page is", () => {
    for (const { alert, annotations } of rules) {
      expect(annotations.summary?.length, alert).toBeGreaterThan(10);
      expect(annotations.description?.length, alert).toBeGreaterThan(60);
      expect(annotations.runbook_url).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
    }
  });

  it("takes missing data for missing, never for 0", () => {
    for (const { expr } of rules) expect(expr).not.toMatch(/or\s+(on\s*\(\)\s*)?vector\(/);
  });

  it("is there only for what the engine can tell", () => {
    const names = groups
      .find(({ name }) => name === "inference-inference-nlu")
      ?.rules.map(({ alert }) => alert);
    expect(names).toContain("InferenceSignalAbsent");
    expect(names).not.toContain("InferenceFirstTokenSlow");
    expect(names).not.toContain("InferenceErrors");
  });
});

describe("the dashboard", () => {
  it("does not grow with services of the same engine", () => {
    expect(dashboardPanels([chat, { ...vllmService("second"), startup }])).toEqual(dashboardPanels([chat]));
  });

  it("has a panel for every signal of the services, and none without a query", () => {
    const titles = (of: MonitoredService[]) => dashboardPanels(of).map(({ title }) => title);
    expect(titles([chat]).length).toBe(1 + Object.keys(chat.profile.signals).length + 2);
    expect(titles([{ ...nlu("nlu"), startup }])).toHaveLength(4);
  });

  it("is JSON with every query of its panels", () => {
    const text = dashboard(services, "watch");
    const { panels } = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
    const queries = dashboardPanels(services).flatMap((panel) => panel.queries.map(({ expr }) => expr));
    expect(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))).toEqual(queries);
  });

  it.skipIf(promtoolMissing)("has something to show in every panel, for each engine of the cluster", () => {
    const pod = "chat-7d9f8b6c5-x2x40";
    const container = `namespace="inference",pod="${pod}",container="server"`;
    const usage = [
      { series: `container_cpu_usage_seconds_total{${container}}`, values: `0+9x${scrapes}` },
      constant(`container_memory_working_set_bytes{${container}}`, 6e9),
      constant(`kube_pod_container_resource_requests{${container},resource="cpu"}`, 1),
      constant(`kube_pod_container_resource_requests{${container},resource="memory"}`, 8e9),
    ];
    const tests: ExpressionTest[] = dashboardPanels(services)
      .flatMap((panel) => panel.queries)
      .map(({ expr }) => ({
        expr: `count(${expr.replaceAll("$namespace", "inference").replaceAll("$service", "chat")})`,
        eval_time: `${end}s`,
        exp_samples: [{ labels: "{}", value: 1 }],
      }));
    const scenario: Scenario = {
      name: "panels",
      interval: `${interval}s`,
      input_series: [...healthy(1), ...pods(1), ...usage],
      promql_expr_test: tests,
    };
    expect(tests.length).toBeGreaterThan(12);
    expect(promtool([scenario])).toBe("");
  });
});

describe("InferenceMonitoring", () => {
  const build = (dashboardWanted: boolean) =>
    record(
      () =>
        new InferenceMonitoring("inference-monitoring", {
          namespace: "monitoring",
          services,
          adapterName: "adapter",
          dashboard: dashboardWanted,
        }),
    );

  it("hands the alerts to the operator and the dashboard to Grafana's sidecar", async () => {
    const recording = await build(true);
    const rule = recording.one("kubernetes:monitoring.coreos.com/v1:PrometheusRule");
    expect(rule.inputs).toMatchObject({ metadata: { namespace: "monitoring" }, spec: { groups } });
    const map = recording.one("kubernetes:core/v1:ConfigMap");
    expect(map.inputs).toMatchObject({ metadata: { labels: { grafana_dashboard: "1" } } });
  });

  it("makes no dashboard without Grafana", async () => {
    expect((await build(false)).ofType("kubernetes:core/v1:ConfigMap")).toEqual([]);
  });
});
