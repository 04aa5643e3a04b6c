import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeProblem } from "../../components/common/problem";
import {
  type CustomServer,
  type EngineProfile,
  engineProfile,
  type SignalSource,
} from "../../components/engines";
import {
  defaultSignals,
  keptSeries,
  metricsTiming,
  type ScalingRequest,
  SignalName,
  type SignalTarget,
  scalingProblems,
  signalCatalog,
  timingProblems,
} from "../../components/scaling";
import { nlu, nluServer, startup, vllmService } from "./samples";

const vllm = vllmService("chat").profile;

function refusals(overrides: Partial<ScalingRequest>): string {
  const request = {
    profile: vllm,
    signals: [{ signal: SignalName.RequestsInFlight, target: 16 }],
    behavior: {},
    startup,
    timing: metricsTiming(),
    ...overrides,
  };
  return scalingProblems(request).map(describeProblem).join("\n");
}

const follow = (...signals: SignalTarget[]): Partial<ScalingRequest> => ({ signals });
const { RequestsInFlight, RequestsPerSecond, TimeToFirstTokenP95, RequestLatencyP99, CpuUtilization } =
  SignalName;

function custom(signal: string, source: SignalSource): Partial<ScalingRequest> {
  const server: CustomServer = { ...nluServer, signals: { [signal]: source } };
  return {
    profile: nlu("nlu", server).profile,
    signals: [{ signal: CpuUtilization, target: 60 }],
  };
}

const series = (name: string, kind: "gauge" | "counter" | "histogram"): SignalSource => ({
  series: [{ name, kind }],
});

describe("a scaling that cannot work is refused", () => {
  const noMetrics: EngineProfile = engineProfile({
    engine: "vllm",
    version: "0.30.0",
    modelId: "m",
    gpus: 1,
    drainSeconds: 60,
    extraArgs: ["--disable-log-stats"],
  });
  const { metricsPath: _, ...sglangOff } = engineProfile({
    engine: "sglang",
    version: "0.5.18",
    modelId: "m",
    gpus: 1,
    drainSeconds: 60,
  });

  it.each<[string, Partial<ScalingRequest>, RegExp]>([
    ["no signal", follow(), /^signals \(\[\]\): must name at least one/],
    [
      "an unknown signal, with the nearest known",
      follow({ signal: "inference_queue_dept", target: 4 }),
      /signals\[0\]\.signal .*Did you mean inference_queue_depth\?/,
    ],
    [
      "the same signal twice",
      follow({ signal: RequestsInFlight, target: 1 }, { signal: RequestsInFlight, target: 2 }),
      /signals\[1\]\.signal .*twice/,
    ],
    [
      "50 for a ratio",
      follow({ signal: SignalName.KvCacheUtilization, target: 50 }),
      /target \(50\): must be above 0 and at most 1/,
    ],
    ["a target of 0", follow({ signal: RequestsInFlight, target: 0 }), /target \(0\): must be above 0/],
    [
      "a target below what the API can say",
      follow({ signal: RequestsInFlight, target: 0.0001 }),
      /target \(0.0001\)/,
    ],
    ["half a percent", follow({ signal: CpuUtilization, target: 0.5 }), /a whole number/],
    ["130 % CPU", follow({ signal: CpuUtilization, target: 130 }), /at most 100/],
    ["a latency alone", follow({ signal: TimeToFirstTokenP95, target: 2 }), /latencies only/],
    [
      "two latencies alone",
      follow({ signal: TimeToFirstTokenP95, target: 2 }, { signal: RequestLatencyP99, target: 9 }),
      /latencies only/,
    ],
    [
      "errors as a reason for more replicas",
      follow({ signal: SignalName.FailuresPerSecond, target: 1 }),
      /do not lower it/,
    ],
    [
      "a signal that the engine lacks",
      { profile: nlu("nlu").profile, ...follow({ signal: RequestsInFlight, target: 4 }) },
      /custom 1\.2\.0 exports.*It has: inference_requests_per_second/,
    ],
    [
      "metrics switched off by hand",
      { profile: noMetrics },
      /vllm 0\.30\.0 exports none.*Remove the argument/,
    ],
    ["SGLang without metrics", { profile: sglangOff }, /sglang 0\.5\.18 exports none/],
    [
      "a deprecated series",
      { profile: { ...vllm, deprecatedSeries: { "vllm:num_requests_waiting": "vllm:waiting" } } },
      /vllm:num_requests_waiting, which vllm 0\.30\.0 deprecates.*Use vllm:waiting/,
    ],
    [
      "a counter said to be a gauge",
      custom(SignalName.QueueDepth, series("jobs_total", "gauge")),
      /jobs_total only ever grows/,
    ],
    [
      "a counter for a number of requests",
      custom(RequestsInFlight, series("requests_started", "counter")),
      /must be gauge/,
    ],
    ["a gauge for a rate", custom(RequestsPerSecond, series("throughput", "gauge")), /must be counter/],
    [
      "the mean of quantiles",
      custom(RequestLatencyP99, series("latency_p99_seconds", "gauge")),
      /their mean is no quantile/,
    ],
    [
      "the mean of a summary's quantiles",
      custom(RequestLatencyP99, {
        series: [
          {
            name: "latency_seconds",
            kind: "gauge",
            where: [{ label: "quantile", operator: "=", value: "0.99" }],
          },
        ],
      }),
      /their mean is no quantile/,
    ],
    [
      "a histogram by its buckets",
      custom(RequestLatencyP99, series("latency_seconds_bucket", "histogram")),
      /without _bucket/,
    ],
    [
      "two histograms in one quantile",
      custom(RequestLatencyP99, {
        series: [
          { name: "a_seconds", kind: "histogram" },
          { name: "b_seconds", kind: "histogram" },
        ],
      }),
      /several quantiles cannot be added/,
    ],
    [
      "two ratios in one",
      custom(SignalName.KvCacheUtilization, {
        series: [
          { name: "a", kind: "gauge" },
          { name: "b", kind: "gauge" },
        ],
      }),
      /several ratios/,
    ],
    ["no series", custom(RequestsPerSecond, { series: [] }), /at least one series/],
    [
      "a series with a space",
      custom(RequestsPerSecond, series("my requests", "counter")),
      /name of Prometheus/,
    ],
    [
      "an operator that PromQL lacks",
      custom(RequestsPerSecond, {
        series: [
          { name: "r_total", kind: "counter", where: [{ label: "status", operator: "==", value: "ok" }] },
        ],
      }),
      /one of = != =~ !~/,
    ],
    [
      "a placeholder of the adapter in a value",
      custom(RequestsPerSecond, {
        series: [
          {
            name: "r_total",
            kind: "counter",
            where: [{ label: "status", operator: "=", value: "<<.Series>>" }],
          },
        ],
      }),
      /placeholders/,
    ],
    ["a scale of 0", custom(RequestsPerSecond, { ...series("r_total", "counter"), scale: 0 }), /above 0/],
    [
      "a signal of one's own invention",
      custom("requests_per_minute", series("r_total", "counter")),
      /custom\.signals \("requests_per_minute"\): must be one of/,
    ],
    ["CPU from a series", custom(CpuUtilization, series("cpu", "gauge")), /measured by the kubelet/],
    [
      "a scale-down window shorter than a cold start",
      { behavior: { scaleDownWindowSeconds: 239 } },
      /behavior\.scaleDownWindowSeconds \(239\).*240 seconds/,
    ],
    ["a period over half an hour", { behavior: { scaleUpPeriodSeconds: 1801 } }, /from 1 to 1800/],
    ["a window over an hour", { behavior: { scaleUpWindowSeconds: 3601 } }, /from 0 to 3600/],
    ["half a pod", { behavior: { scaleUpPods: 0.5 } }, /whole number from 1 to 1000/],
    ["a tolerance that never lets go", { behavior: { scaleDownTolerance: 1 } }, /from 0 to 0\.99/],
    [
      "a scrape slower than the relist",
      { timing: { scrapeIntervalSeconds: 60, relistIntervalSeconds: 30, rateWindowSeconds: 240 } },
      /timing\.relistIntervalSeconds \(30\): must be at least the scrape interval of 60/,
    ],
    [
      "a relist over a minute",
      { timing: { scrapeIntervalSeconds: 15, relistIntervalSeconds: 61, rateWindowSeconds: 60 } },
      /from 5 to 60/,
    ],
    [
      "a rate over fewer than four scrapes",
      { timing: { scrapeIntervalSeconds: 15, relistIntervalSeconds: 30, rateWindowSeconds: 59 } },
      /4 × the scrape interval = 60/,
    ],
  ])("%s", (_what, overrides, message) => {
    expect(refusals(overrides)).toMatch(message);
  });

  it("names everything at once", () => {
    const text = refusals({
      signals: [
        { signal: "nonsense", target: 1 },
        { signal: CpuUtilization, target: 0 },
      ],
      behavior: { scaleDownPercent: 101 },
    });
    expect(text.split("\n")).toHaveLength(3);
  });
});

describe("what works is accepted", () => {
  it("a latency beside CPU and memory: 70 %, 80 %, 500 ms", () => {
    const prediction = custom(RequestLatencyP99, series("prediction_seconds", "histogram"));
    const signals = [
      { signal: CpuUtilization, target: 70 },
      { signal: SignalName.MemoryUtilization, target: 80 },
      { signal: RequestLatencyP99, target: 0.5 },
    ];
    expect(refusals({ ...prediction, signals })).toBe("");
  });

  it("20 requests/s per pod of a server that counts each request twice", () => {
    expect(refusals({ profile: nlu("nlu").profile, signals: nlu("nlu").signals })).toBe("");
  });

  it("the defaults of every engine, each with its reason", () => {
    for (const [engine, version, gpus] of [
      ["vllm", "0.30.0", 1],
      ["sglang", "0.5.18", 1],
      ["tgi", "3.0.1", 1],
      ["triton", "26.7.0", 0],
    ] as const) {
      const modelId = engine === "triton" ? "/models" : "m";
      const request = { engine, version, modelId, gpus, drainSeconds: 60, maxConcurrency: 64 };
      const signals = defaultSignals(request);
      expect(refusals({ profile: engineProfile(request), signals })).toBe("");
      for (const signal of signals) expect(signal.reason.length).toBeGreaterThan(20);
    }
  });

  it("any scrape interval up to a minute, with the timing made from it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), (seconds) => {
        expect(timingProblems(metricsTiming(seconds))).toEqual([]);
      }),
    );
  });

  it("any target inside a signal's domain, and none outside", () => {
    const pairs = fc.constantFrom(
      ...Object.keys(vllm.signals).filter((name) => !signalCatalog[name]?.watchedOnly),
    );
    fc.assert(
      fc.property(pairs, fc.double({ min: 0.001, max: 1e6, noNaN: true }), (name, target) => {
        const most = signalCatalog[name]?.atMost ?? Number.POSITIVE_INFINITY;
        // A second signal, so that a latency does not stand alone.
        const refused = refusals(follow({ signal: CpuUtilization, target: 60 }, { signal: name, target }));
        expect(refused === "").toBe(target <= most);
      }),
    );
  });
});

describe("the series that the monitor keeps", () => {
  it("are those of the engine's signals, histograms by their buckets", () => {
    const kept = keptSeries(vllm);
    expect(kept).toContain("vllm:num_requests_running");
    expect(kept).toContain("vllm:time_to_first_token_seconds_bucket");
    expect(kept).not.toContain("vllm:time_to_first_token_seconds");
    expect(kept.length).toBeLessThan(12);
  });

  it("are none where there are no metrics", () => {
    const { metricsPath: _, ...silent } = vllm;
    expect(keptSeries(silent)).toEqual([]);
  });
});
