import { describe, expect, it } from "vitest";
import { Engine, engineProfile, SeriesKind } from "../../components/engines";
import { vllm } from "../../components/engines/vllm";
import {
  type AdapterRule,
  adapterRules,
  isLatency,
  isResource,
  keptSeries,
  type MeasuredService,
  metricsTiming,
  SignalName,
  signalCatalog,
  signalNamed,
} from "../../components/scaling";
import { nluServer } from "../scaling/samples";
import { expand } from "./adapter";
import { exposition, type InputSeries, interval, type Pod, scrapes, stored } from "./exposition";
import {
  type ExpectedSample,
  type ExpressionTest,
  promtool,
  promtoolMissing,
  type Scenario,
} from "./promtool";

const window = metricsTiming(interval).rateWindowSeconds;
const namespace = "inference";
const end = (scrapes - 1) * interval;

/** What one pod with the exposition's load is worth; worked out by hand from the file. */
const byEngine: Record<string, Record<string, number>> = {
  vllm: {
    [SignalName.RequestsInFlight]: 11,
    [SignalName.QueueDepth]: 3,
    [SignalName.RequestsPerSecond]: 4,
    [SignalName.TokensPerSecond]: 800,
    [SignalName.KvCacheUtilization]: 0.625,
    [SignalName.TimeToFirstTokenP95]: 0.375,
    [SignalName.RequestLatencyP99]: 13.8,
    [SignalName.FailuresPerSecond]: 0.2,
  },
  sglang: {
    [SignalName.RequestsInFlight]: 8,
    [SignalName.QueueDepth]: 2,
    [SignalName.RequestsPerSecond]: 4,
    [SignalName.TokensPerSecond]: 800,
    [SignalName.KvCacheUtilization]: 0.28,
    [SignalName.TimeToFirstTokenP95]: 0.3,
    [SignalName.RequestLatencyP99]: 17.6,
    [SignalName.FailuresPerSecond]: 0.2,
  },
  tgi: {
    [SignalName.RequestsInFlight]: 9,
    [SignalName.QueueDepth]: 2,
    [SignalName.RequestsPerSecond]: 4,
    [SignalName.TokensPerSecond]: 800,
    [SignalName.RequestLatencyP99]: 11.7607,
    [SignalName.FailuresPerSecond]: 0.25,
  },
  triton: {
    [SignalName.QueueDepth]: 5,
    [SignalName.RequestsPerSecond]: 4,
    [SignalName.FailuresPerSecond]: 0.1,
  },
  custom: {
    [SignalName.RequestsPerSecond]: 4,
    [SignalName.RequestLatencyP99]: 0.44,
  },
};

const files = [
  "vllm-0.8.5",
  "vllm-0.10.2",
  "vllm-0.11.0",
  "vllm-0.17.0",
  "vllm-0.30.0",
  "sglang-0.5.18",
  "tgi-3.0.1",
  "triton-26.7.0",
  "custom-1.2.0",
];

const server = {
  ...nluServer,
  signals: {
    ...nluServer.signals,
    [SignalName.RequestLatencyP99]: {
      series: [{ name: "siamese_uninlu_request_duration_seconds", kind: SeriesKind.Histogram }],
    },
  },
};

/** A service of that engine and version that follows every signal it can. */
function serviceOf(file: string, serviceName: string): MeasuredService {
  const [engine, version] = file.split("-") as [Engine, string];
  const profile = engineProfile({
    engine,
    version,
    modelId: engine === Engine.Triton ? "/models" : "Qwen/Qwen2.5-7B-Instruct",
    gpus: engine === Engine.Custom ? 0 : 1,
    drainSeconds: 60,
    ...(engine === Engine.Custom ? { custom: server } : {}),
  });
  const signals = Object.keys(profile.signals).map((signal) => ({ signal, target: 1 }));
  return { namespace, serviceName, profile, signals };
}

function podsOf(file: string, service: string, count: number, load = 1): Pod[] {
  return Array.from({ length: count }, (_, index) => ({
    namespace,
    service,
    pod: `${service}-${index}`,
    samples: exposition(file),
    load: load * (index + 1),
  }));
}

function storedPods(file: string, pods: Pod[]): InputSeries[] {
  const kept = keptSeries(serviceOf(file, "any").profile);
  return pods.flatMap((pod) => stored(pod, kept));
}

/** The rules of a cluster that runs every engine and version at once. */
const rules = adapterRules(
  files.map((file) => serviceOf(file, file.replaceAll(".", "-"))),
  window,
);

function ruleFor(signal: string): AdapterRule {
  const rule = rules.find((candidate) => candidate.name.as === signal);
  if (!rule) throw new Error(`no rule for ${signal}`);
  return rule;
}

/** The adapter's query for a signal of some pods, or of their service. */
function question(signal: string, pods: Pod[], service: string): string {
  return isLatency(signalNamed(signal))
    ? expand(ruleFor(signal), { namespace, resource: "service", names: [service] })
    : expand(ruleFor(signal), { namespace, resource: "pod", names: pods.map(({ pod }) => pod) });
}

/** Rounded: rates are binary fractions. */
function asks(expr: string, samples: ExpectedSample[], at = end): ExpressionTest {
  return { expr: `round(${expr}, 0.0001)`, eval_time: `${at}s`, exp_samples: samples };
}

function perPod(signal: string, value: number, pods: Pod[], service: string): ExpectedSample[] {
  if (isLatency(signalNamed(signal))) return [{ labels: `{service="${service}"}`, value }];
  return pods.map(({ pod, load = 1 }) => {
    const scaled = Math.round(value * load * 10_000) / 10_000;
    const ratio = signal === SignalName.KvCacheUtilization;
    return { labels: `{pod="${pod}"}`, value: ratio ? Math.min(1, scaled) : scaled };
  });
}

function verdict(scenarios: Scenario[]): string {
  return promtool(scenarios);
}

const scenario = (name: string, series: InputSeries[], tests: ExpressionTest[]): Scenario => ({
  name,
  interval: `${interval}s`,
  input_series: series,
  promql_expr_test: tests,
});

it("has an exposition for every row of the catalog's versions of vLLM", () => {
  const versions = files.filter((file) => file.startsWith("vllm")).length;
  expect(versions).toBe(vllm.rows.length);
});

it("has a figure for every signal that an engine can be scaled on", () => {
  for (const file of files) {
    const { profile } = serviceOf(file, "any");
    expect(Object.keys(byEngine[profile.engine] ?? {}).sort()).toEqual(Object.keys(profile.signals).sort());
  }
});

it("reads only series that the exposition has", () => {
  for (const file of files) {
    const names = new Set(exposition(file).map(({ name }) => name));
    for (const name of keptSeries(serviceOf(file, "any").profile)) expect(names, file).toContain(name);
  }
});

it("keeps a small part of what vLLM exports", () => {
  const all = exposition("vllm-0.30.0");
  const kept = keptSeries(serviceOf("vllm-0.30.0", "any").profile);
  const share = all.filter(({ name }) => kept.includes(name)).length / all.length;
  expect(share).toBeLessThan(0.2);
});

describe.skipIf(promtoolMissing)("the adapter's queries, evaluated by Prometheus", () => {
  it.each(files)("%s: the right number per pod for 1, 2 and 3 pods, nothing of the other service", (file) => {
    const service = file.replaceAll(".", "-");
    const { profile } = serviceOf(file, service);
    const scenarios = [1, 2, 3].map((count) => {
      const pods = podsOf(file, service, count);
      // The other service serves 100 times the load, in time that no quantile of ours can reach.
      const others = podsOf(file, "neighbour", 2, 100).map((pod) => ({
        ...pod,
        samples: pod.samples.map((sample) =>
          sample.name.endsWith("_bucket") && sample.labels.le !== "+Inf" ? { ...sample, value: 0 } : sample,
        ),
      }));
      const tests = Object.entries(byEngine[profile.engine] ?? {}).map(([signal, value]) =>
        asks(question(signal, pods, service), perPod(signal, value, pods, service)),
      );
      const found = Object.keys(profile.signals).map((signal) =>
        asks(`count(${ruleFor(signal).seriesQuery}) > bool 0`, [{ labels: "{}", value: 1 }]),
      );
      return scenario(`${count} pods`, storedPods(file, [...pods, ...others]), [...tests, ...found]);
    });
    expect(verdict(scenarios)).toBe("");
  });

  const file = "vllm-0.30.0";
  const service = "vllm-0-30-0";
  const { RequestsInFlight, RequestsPerSecond, TimeToFirstTokenP95, KvCacheUtilization } = SignalName;
  const one = podsOf(file, service, 1);
  const two = podsOf(file, service, 2);

  it("no traffic: everything is 0, latency included, because it was measured that nobody called", () => {
    const idle = two.map((pod) => ({ ...pod, load: 0 }));
    expect(
      verdict([
        scenario(
          "idle",
          storedPods(file, idle),
          [RequestsInFlight, RequestsPerSecond, TimeToFirstTokenP95].map((signal) =>
            asks(question(signal, idle, service), perPod(signal, 0, idle, service)),
          ),
        ),
      ]),
    ).toBe("");
  });

  it("requests in flight of which none is answered: the latency is absent, not 0", () => {
    const stuck = one.map((pod) => ({
      ...pod,
      disturb: (values: string[], sample: { kind: string }) =>
        sample.kind === "gauge" ? values : values.map(() => "240"),
    }));
    expect(
      verdict([
        scenario("stuck", storedPods(file, stuck), [
          asks(question(RequestsInFlight, stuck, service), perPod(RequestsInFlight, 11, stuck, service)),
          asks(question(TimeToFirstTokenP95, stuck, service), []),
        ]),
      ]),
    ).toBe("");
  });

  it("an engine that is no longer scraped: every signal is absent", () => {
    const lost = one.map((pod) => ({
      ...pod,
      disturb: (values: string[]) =>
        values.map((value, scrape) => (scrape < 10 ? value : scrape === 10 ? "stale" : "_")),
    }));
    const after = 10 * interval + window;
    expect(
      verdict([
        scenario(
          "lost",
          storedPods(file, lost),
          Object.keys(byEngine.vllm ?? {}).map((signal) => asks(question(signal, lost, service), [], after)),
        ),
      ]),
    ).toBe("");
  });

  it("NaN is absent, also when only one of two gauges is", () => {
    const waiting = "vllm:num_requests_waiting";
    const broken = two.map((pod, index) => ({
      ...pod,
      disturb: (values: string[], sample: { name: string }) =>
        index === 0 && (sample.name === waiting || sample.name.endsWith("perc"))
          ? values.map(() => "NaN")
          : values,
    }));
    expect(
      verdict([
        scenario("NaN", storedPods(file, broken), [
          asks(question(RequestsInFlight, broken, service), [{ labels: `{pod="${service}-1"}`, value: 22 }]),
          asks(question(KvCacheUtilization, broken, service), [{ labels: `{pod="${service}-1"}`, value: 1 }]),
        ]),
      ]),
    ).toBe("");
  });

  it("several engines in one pod: requests are added up, the share of the cache is a mean", () => {
    const parallel = one.map((pod) => ({
      ...pod,
      samples: [
        ...pod.samples,
        ...pod.samples
          .filter(({ labels }) => labels.engine === "0")
          .map((sample) => ({ ...sample, labels: { ...sample.labels, engine: "1" } })),
      ],
    }));
    expect(
      verdict([
        scenario("data parallel", storedPods(file, parallel), [
          asks(question(RequestsInFlight, parallel, service), [
            { labels: `{pod="${service}-0"}`, value: 22 },
          ]),
          asks(question(KvCacheUtilization, parallel, service), [
            { labels: `{pod="${service}-0"}`, value: 0.625 },
          ]),
        ]),
      ]),
    ).toBe("");
  });

  it("one gauge of two missing: absent, not half of the truth", () => {
    const half = one.map((pod) => ({
      ...pod,
      samples: pod.samples.filter(({ name }) => name !== "vllm:num_requests_running"),
    }));
    expect(
      verdict([
        scenario("half", storedPods(file, half), [asks(question(RequestsInFlight, half, service), [])]),
      ]),
    ).toBe("");
  });

  it("a restarted counter is neither negative nor a burst", () => {
    // Back to 0 two scrapes before the end: the growth of that one scrape is not seen.
    const restarted = one.map((pod) => ({
      ...pod,
      disturb: (values: string[], sample: { kind: string }) =>
        sample.kind === "counter" ? [...values.slice(0, -2), ...values.slice(0, 2)] : values,
    }));
    expect(
      verdict([
        scenario("restart", storedPods(file, restarted), [
          asks(question(RequestsPerSecond, restarted, service), [
            { labels: `{pod="${service}-0"}`, value: 3 },
          ]),
        ]),
      ]),
    ).toBe("");
  });

  it("a vanished pod is gone at once from gauges and after the window from rates; the other one stays", () => {
    const gone = two.map((pod, index) => ({
      ...pod,
      disturb: (values: string[]) =>
        index === 0
          ? values.map((value, scrape) => (scrape < 10 ? value : scrape === 10 ? "stale" : "_"))
          : values,
    }));
    const other = (value: number) => [{ labels: `{pod="${service}-1"}`, value }];
    const stale = 10 * interval;
    expect(
      verdict([
        scenario("vanished", storedPods(file, gone), [
          asks(question(RequestsInFlight, gone, service), other(22), stale),
          asks(question(RequestsPerSecond, gone, service), other(8), stale + window),
        ]),
      ]),
    ).toBe("");
  });

  it("after Prometheus was away a rate is absent at first: a window that begins to fill would say too little", () => {
    // Nothing is stored from the fifth scrape on, and nothing marked as stale; then it is back.
    const back = 15;
    const away = one.map((pod) => ({
      ...pod,
      disturb: (values: string[]) =>
        values.map((value, scrape) => (scrape >= 5 && scrape < back ? "_" : value)),
    }));
    const asked = (scrape: number, value?: number) =>
      asks(
        question(RequestsPerSecond, away, service),
        value === undefined ? [] : perPod(RequestsPerSecond, value, away, service),
        scrape * interval,
      );
    expect(
      verdict([scenario("away", storedPods(file, away), [asked(back), asked(back + 1), asked(back + 4, 4)])]),
    ).toBe("");
  });

  it("a scrape that is late changes nothing, and neither do two", () => {
    const late = one.map((pod) => ({
      ...pod,
      disturb: (values: string[]) =>
        values.map((value, scrape) => (scrape === scrapes - 3 || scrape === scrapes - 4 ? "_" : value)),
    }));
    expect(
      verdict([
        scenario("late", storedPods(file, late), [
          asks(question(RequestsInFlight, late, service), perPod(RequestsInFlight, 11, late, service)),
          asks(question(RequestsPerSecond, late, service), perPod(RequestsPerSecond, 4, late, service)),
          asks(
            question(TimeToFirstTokenP95, late, service),
            perPod(TimeToFirstTokenP95, 0.375, late, service),
          ),
        ]),
      ]),
    ).toBe("");
  });

  it("a router that re-exports the engine's gauges is not counted, with or without labels of its own", () => {
    const router = (labels: string): InputSeries[] =>
      ["running", "waiting"].map((state) => ({
        series: `vllm:num_requests_${state}{server="http://${service}-0:8000"${labels}}`,
        values: Array(scrapes).fill("999").join(" "),
      }));
    const tests = [
      asks(question(RequestsInFlight, one, service), perPod(RequestsInFlight, 11, one, service)),
    ];
    expect(
      verdict([
        scenario(
          "router behind a Service",
          [...storedPods(file, one), ...router(`,namespace="${namespace}",pod="router-0",service="router"`)],
          tests,
        ),
        scenario(
          "router without labels",
          [...storedPods(file, one), ...router("")],
          [...tests, asks(`count(${ruleFor(RequestsInFlight).seriesQuery})`, [{ labels: "{}", value: 2 }])],
        ),
      ]),
    ).toBe("");
  });

  it("two ways of counting the same series do not answer for each other", () => {
    const everything = {
      ...server,
      signals: {
        [RequestsPerSecond]: {
          series: [{ name: "siamese_uninlu_requests_total", kind: SeriesKind.Counter }],
        },
      },
    };
    const profile = engineProfile({
      engine: Engine.Custom,
      version: "1.2.0",
      modelId: "m",
      gpus: 0,
      drainSeconds: 30,
      custom: everything,
    });
    const both = [
      serviceOf("custom-1.2.0", "once"),
      { namespace, serviceName: "twice", profile, signals: [{ signal: RequestsPerSecond, target: 1 }] },
    ];
    const rule = adapterRules(both, window).find(({ name }) => name.as === RequestsPerSecond);
    if (!rule) throw new Error("no rule");
    const pods = ["once", "twice"].flatMap((name) => podsOf("custom-1.2.0", name, 1));
    const query = expand(rule, { namespace, resource: "pod", names: pods.map(({ pod }) => pod) });
    expect(
      verdict([
        scenario("once and twice", storedPods("custom-1.2.0", pods), [
          asks(query, [
            { labels: '{pod="once-0"}', value: 4 },
            { labels: '{pod="twice-0"}', value: 8 },
          ]),
        ]),
      ]),
    ).toBe("");
  });
});

it("gives resource signals no rule: the kubelet measures them", () => {
  const resources = Object.values(signalCatalog).filter(isResource);
  expect(resources.length).toBeGreaterThan(0);
  for (const { name } of resources) expect(rules.map((rule) => rule.name.as)).not.toContain(name);
});
