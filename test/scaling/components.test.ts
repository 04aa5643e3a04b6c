import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineProfile } from "../../components/engines";
import {
  adapterRules,
  externalRule,
  HorizontalAutoscaler,
  type HorizontalAutoscalerArgs,
  hpaMetrics,
  PrometheusAdapter,
  type PrometheusAdapterArgs,
  SignalName,
  signalCatalog,
} from "../../components/scaling";
import { record } from "../support/components";
import { nlu, startup, vllmService } from "./samples";

/** The parts of a metric of the autoscaling API that name it. */
interface AskedMetric {
  pods?: { metric: { name: string } };
  object?: { metric: { name: string } };
}

const hpaToken = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const releaseToken = "kubernetes:helm.sh/v3:Release";

const hpaArgs: HorizontalAutoscalerArgs = {
  namespace: "inference",
  targetName: "chat",
  serviceName: "chat",
  minReplicas: 1,
  maxReplicas: 4,
  signals: [{ signal: SignalName.RequestsInFlight, target: 16 }],
  profile: vllmService("chat").profile,
  startup,
};

async function hpa(overrides: Partial<HorizontalAutoscalerArgs>) {
  const recording = await record(
    () => new HorizontalAutoscaler("chat-scaling", { ...hpaArgs, ...overrides }),
  );
  const { inputs } = recording.one(hpaToken);
  return inputs as {
    metadata: { annotations: Record<string, string> };
    spec: Record<string, never> & { metrics: object[]; behavior: Record<string, Record<string, unknown>> };
  };
}

describe("HorizontalAutoscaler", () => {
  it("holds a number per pod for what can be added up", async () => {
    const { spec } = await hpa({ signals: [{ signal: SignalName.KvCacheUtilization, target: 0.8 }] });
    expect(spec.metrics).toEqual([
      {
        type: "Pods",
        pods: {
          metric: { name: "inference_kv_cache_utilization" },
          target: { type: "AverageValue", averageValue: "800m" },
        },
      },
    ]);
  });

  it("takes latency over the service and by value, CPU of the engine's container only", async () => {
    const { spec } = await hpa({
      signals: [
        { signal: SignalName.CpuUtilization, target: 70 },
        { signal: SignalName.RequestLatencyP99, target: 0.5 },
      ],
    });
    expect(spec.metrics).toEqual([
      {
        type: "ContainerResource",
        containerResource: {
          container: "server",
          name: "cpu",
          target: { type: "Utilization", averageUtilization: 70 },
        },
      },
      {
        type: "Object",
        object: {
          describedObject: { apiVersion: "v1", kind: "Service", name: "chat" },
          metric: { name: "inference_request_latency_p99_seconds" },
          target: { type: "Value", value: "500m" },
        },
      },
    ]);
  });

  it("waits with scale-down as long as the start-up budget says, and goes one by one", async () => {
    const { spec } = await hpa({});
    expect(spec.behavior.scaleDown).toMatchObject({
      stabilizationWindowSeconds: startup.scaleDownWindowSeconds,
      policies: [{ type: "Pods", value: 1, periodSeconds: 120 }],
    });
    expect(spec.behavior.scaleUp).toMatchObject({
      stabilizationWindowSeconds: 30,
      policies: [{ type: "Pods", value: 2, periodSeconds: 60 }],
    });
  });

  it("goes by percent when asked: 100 % a minute up, 25 % per two minutes down", async () => {
    const { spec } = await hpa({ behavior: { scaleUpPercent: 100, scaleDownPercent: 25 } });
    expect(spec.behavior.scaleUp?.policies).toEqual([{ type: "Percent", value: 100, periodSeconds: 60 }]);
    expect(spec.behavior.scaleDown?.policies).toEqual([{ type: "Percent", value: 25, periodSeconds: 120 }]);
  });

  it("scales up above 10 and down below 2 by a tolerance for each direction", async () => {
    const { spec } = await hpa({
      signals: [{ signal: SignalName.QueueDepth, target: 10 }],
      behavior: { scaleUpTolerance: 0, scaleDownTolerance: 0.8 },
    });
    expect(spec.behavior.scaleUp?.tolerance).toBe("0");
    expect(spec.behavior.scaleDown?.tolerance).toBe("800m");
  });

  it("follows a queue outside the pods, one replica for every 100 tasks", async () => {
    const { spec } = await hpa({
      signals: [],
      external: [{ name: "queue_depth", labels: { queue: "ai-tasks" }, perReplica: 100 }],
      maxReplicas: 20,
    });
    expect(spec.metrics).toEqual([
      {
        type: "External",
        external: {
          metric: { name: "queue_depth", selector: { matchLabels: { queue: "ai-tasks" } } },
          target: { type: "AverageValue", averageValue: "100" },
        },
      },
    ]);
  });

  it("is not waited for: it is ready only when replicas have been measured", async () => {
    const { metadata } = await hpa({});
    expect(metadata.annotations["pulumi.com/skipAwait"]).toBe("true");
  });

  it.each<[string, Partial<HorizontalAutoscalerArgs>, RegExp]>([
    [
      "bounds upside down",
      { minReplicas: 3, maxReplicas: 2 },
      /minReplicas \(3\): must be at most the highest number of replicas \(2\)/,
    ],
    ["scale to zero", { minReplicas: 0 }, /minReplicas \(0\)/],
    ["a latency alone", { signals: [{ signal: SignalName.RequestLatencyP99, target: 1 }] }, /latencies only/],
    ["nothing to follow", { signals: [] }, /at least one signal/],
    ["a window shorter than the start", { behavior: { scaleDownWindowSeconds: 60 } }, /cold start/],
    ["nothing per replica", { external: [{ name: "q", labels: {}, perReplica: 0 }] }, /perReplica \(0\)/],
  ])("refuses %s", async (_what, overrides, message) => {
    await expect(hpa(overrides)).rejects.toThrow(message);
  });
});

describe("PrometheusAdapter", () => {
  const args: PrometheusAdapterArgs = {
    namespace: "monitoring",
    prometheusUrl: "http://prometheus-operated.monitoring.svc:9090",
    rules: adapterRules([vllmService("chat")], 60),
  };
  const values = async (overrides: Partial<PrometheusAdapterArgs> = {}) => {
    const recording = await record(() => new PrometheusAdapter("adapter", { ...args, ...overrides }));
    return recording.one(releaseToken).inputs.values as Record<string, Record<string, unknown>>;
  };

  it("asks the Prometheus that it was given, and none of the chart's own rules", async () => {
    const { prometheus, rules } = await values();
    expect(prometheus).toEqual({ url: "http://prometheus-operated.monitoring.svc", port: 9090, path: "" });
    expect(rules).toEqual({ default: false, custom: args.rules });
  });

  it("leaves the external metrics API alone unless asked", async () => {
    expect((await values()).rules).not.toHaveProperty("external");
    const external = [externalRule({ name: "queue_depth", labels: { queue: "ai-tasks" } })];
    expect((await values({ externalRules: external })).rules).toMatchObject({ external });
  });

  it.each<[string, Partial<PrometheusAdapterArgs>, RegExp]>([
    [
      "a relist shorter than the scrape",
      { scrapeIntervalSeconds: 60, relistIntervalSeconds: 30 },
      /would lose them/,
    ],
    ["a relist over a minute", { relistIntervalSeconds: 90 }, /from 5 to 60/],
  ])("refuses %s", async (_what, overrides, message) => {
    await expect(values(overrides)).rejects.toThrow(message);
  });

  it("offers what autoscalers ask for, of the kind of object that they ask about, whatever they follow", () => {
    const { profile } = vllmService("chat");
    const followable = Object.keys(profile.signals).filter((name) => !signalCatalog[name]?.watchedOnly);
    fc.assert(
      fc.property(fc.subarray(followable, { minLength: 1 }), (names) => {
        const signals = names.map((signal) => ({ signal, target: 0.5 }));
        const offered = adapterRules([{ ...vllmService("chat"), signals }], 60).map(
          ({ name, resources }) => `${name.as} of ${Object.keys(resources.overrides).sort().join(" and ")}`,
        );
        const asked = (hpaMetrics(signals, "chat") as AskedMetric[]).map(({ pods, object }) =>
          pods
            ? `${pods.metric.name} of namespace and pod`
            : `${object?.metric.name} of namespace and service`,
        );
        expect(offered.sort()).toEqual(asked.sort());
      }),
    );
  });

  it("does not grow with services of an engine", () => {
    const one = adapterRules([vllmService("chat")], 60);
    const hundred = adapterRules(
      Array.from({ length: 100 }, (_, index) => vllmService(`chat-${index}`)),
      60,
    );
    expect(hundred).toEqual(one);
  });

  it("has one rule for a signal of several engines, whatever their order", () => {
    const services = [vllmService("chat"), nlu("nlu"), vllmService("old", "0.8.5")];
    const rules = adapterRules(services, 60);
    const names = rules.map((rule) => rule.name.as);
    expect(new Set(names).size).toBe(names.length);
    expect(adapterRules([...services].reverse(), 60)).toEqual(rules);
  });

  it("says which service follows a signal that its engine lacks", () => {
    const profile = engineProfile({
      engine: "triton",
      version: "26.7.0",
      modelId: "/models",
      gpus: 1,
      drainSeconds: 30,
    });
    const service = { ...vllmService("ranker"), profile };
    expect(() => adapterRules([service], 60)).toThrow(/inference\/ranker has no series/);
  });
});
