import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Engine } from "../../components/engines";
import type { InferenceReleaseArgs } from "../../components/inference/release-args";
import { serviceSelector, serviceValues } from "../../components/inference/values";
import { catalogProfile, gpuService, nluService, pool } from "../inference/fixtures";
import { helm, helmTemplate, inferenceChart, type Rendered } from "../support/helm";
import { restrictedViolations } from "../support/pod-security";

const services: Record<string, InferenceReleaseArgs> = {
  vllm: gpuService(catalogProfile(Engine.Vllm)),
  sglang: gpuService(catalogProfile(Engine.Sglang)),
  tgi: gpuService(catalogProfile(Engine.Tgi)),
  triton: gpuService(catalogProfile(Engine.Triton), { redisSecretName: undefined }),
  nlu: nluService(),
};

const render = (name: string, args: InferenceReleaseArgs, overrides: object = {}) =>
  helmTemplate(inferenceChart, name, "inference", { ...serviceValues(args), ...overrides });
const one = (objects: Rendered[], kind: string, name?: string): Rendered => {
  const found = objects.filter((object) => object.kind === kind && (!name || object.metadata.name === name));
  expect(found, `one ${kind} ${name ?? ""}`).toHaveLength(1);
  return found[0];
};
const named = (list: Rendered[] | undefined, name: string): Rendered =>
  list?.find((entry) => entry.name === name);
const matches = (selector: Record<string, string>, labels: Record<string, string>) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

const rendered = Object.fromEntries(
  Object.entries(services).map(([name, args]) => [name, render(name, args)]),
);

test("variables whose names mean something else in YAML are variables", () => {
  const env = { NO: "1", null: "x", true: "y", _: "z", on: "" };
  const objects = render("nlu", { ...nluService(), env });
  expect(one(objects, "ConfigMap", "nlu-env").data).toMatchObject(env);
});

describe.each(Object.entries(services))("%s", (name, args) => {
  const objects = rendered[name] as Rendered[];
  const deployment = one(objects, "Deployment");
  const pod = deployment.spec.template.spec;
  const server = named(pod.containers, "server");
  const service = one(objects, "Service");
  const testPod = one(objects, "Pod");

  test("every pod is admitted by Pod Security restricted, with a read-only root", () => {
    for (const spec of [pod, testPod.spec]) {
      expect(restrictedViolations(spec)).toEqual([]);
      for (const container of [...(spec.initContainers ?? []), ...spec.containers])
        expect(container.securityContext.readOnlyRootFilesystem, container.name).toBe(true);
      expect(spec.automountServiceAccountToken).toBe(false);
    }
  });

  test("all that the engine writes to is mounted, once, from a volume that exists", () => {
    const paths = server.volumeMounts.map((mount: Rendered) => mount.mountPath);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toEqual(expect.arrayContaining([...args.profile.writablePaths, args.profile.cachePath]));
    const volumes = pod.volumes.map((volume: Rendered) => volume.name);
    for (const container of [...(pod.initContainers ?? []), ...pod.containers])
      for (const mount of container.volumeMounts) expect(volumes).toContain(mount.name);
  });

  test("an autoscaler owns the number of replicas", () => {
    expect(deployment.spec).not.toHaveProperty("replicas");
  });

  test("every container has requests and a memory limit; the pod fits its node", () => {
    const containers = [...(pod.initContainers ?? []), ...pod.containers, ...testPod.spec.containers];
    for (const { name: container, resources } of containers) {
      expect(resources.requests, container).toMatchObject({
        cpu: expect.anything(),
        memory: expect.anything(),
      });
      expect(resources.limits.memory, container).toBeDefined();
    }
    if (args.gpusPerReplica === 0) return;
    const running = containers.filter(({ name }) => name === "server" || name === "warm-up");
    const sum = (key: string) =>
      running.reduce((total, { resources }) => total + Number.parseInt(resources.requests[key], 10), 0);
    expect(sum("cpu")).toBeLessThanOrEqual(pool.allocatableCpuMillis);
    expect(sum("memory")).toBeLessThanOrEqual(pool.allocatableMemoryMiB);
    // Most of the node: nobody else can use it.
    expect(sum("memory")).toBeGreaterThan(0.9 * pool.allocatableMemoryMiB);
  });

  test("GPU, selector and toleration come from the pool, or none of them", () => {
    if (args.gpusPerReplica === 0) {
      expect(server.resources.limits).not.toHaveProperty([pool.resourceName]);
      expect(pod.nodeSelector).toBeUndefined();
      expect(pod.tolerations).toBeUndefined();
      return;
    }
    expect(server.resources.limits[pool.resourceName]).toBe(1);
    expect(matches(pod.nodeSelector, pool.nodeLabels)).toBe(true);
    expect(pod.tolerations).toEqual([{ key: pool.taint.key, operator: "Exists", effect: pool.taint.effect }]);
    for (const container of pod.initContainers ?? [])
      expect(container.resources.limits).not.toHaveProperty([pool.resourceName]);
  });

  test("probes and shutdown follow the budgets", () => {
    const { startupProbe, readinessProbe, livenessProbe, lifecycle } = server;
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(
      2 * args.startup.startupSeconds,
    );
    expect(startupProbe.httpGet.path).toBe(args.profile.readinessPath);
    expect(readinessProbe.httpGet.path).toBe(args.profile.readinessPath);
    expect(livenessProbe.httpGet.path).toBe(args.profile.livenessPath);
    expect(named(server.ports, startupProbe.httpGet.port).containerPort).toBe(args.profile.port);
    const grace = pod.terminationGracePeriodSeconds;
    expect(grace).toBeGreaterThanOrEqual(lifecycle.preStop.sleep.seconds + args.drain.drainSeconds);
    expect(deployment.spec.progressDeadlineSeconds).toBe(args.startup.progressDeadlineSeconds);
  });

  test("Service, monitor, budget and policies find the pods, the test's pod is none of them", () => {
    const labels = deployment.spec.template.metadata.labels;
    const monitor = one(objects, "ServiceMonitor");
    const budget = one(objects, "PodDisruptionBudget");
    const policy = one(objects, "NetworkPolicy", name);
    const selectors = [
      service.spec.selector,
      deployment.spec.selector.matchLabels,
      budget.spec.selector.matchLabels,
      policy.spec.podSelector.matchLabels,
    ];
    for (const selector of selectors) {
      expect(selector).toEqual(serviceSelector(name));
      expect(matches(selector, labels)).toBe(true);
      expect(matches(selector, testPod.metadata.labels)).toBe(false);
    }
    expect(matches(monitor.spec.selector.matchLabels, service.metadata.labels)).toBe(true);
    for (const label of monitor.spec.targetLabels) expect(service.metadata.labels).toHaveProperty([label]);
    const [endpoint] = monitor.spec.endpoints;
    const port = named(service.spec.ports, endpoint.port);
    expect(port.port).toBe(args.profile.metricsPort);
    expect(named(server.ports, port.targetPort).containerPort).toBe(port.port);
    expect(endpoint.honorLabels).toBe(false);
  });

  test("Prometheus keeps every series that a signal of the engine is computed from", () => {
    const [keep] = one(objects, "ServiceMonitor").spec.endpoints[0].metricRelabelings;
    const kept = new RegExp(`^(?:${keep.regex})$`);
    for (const source of Object.values(args.profile.signals))
      for (const series of source.series)
        expect(series.kind === "histogram" ? `${series.name}_bucket` : series.name).toMatch(kept);
    expect("python_gc_objects_collected_total").not.toMatch(kept);
  });

  test("Service ports equal container ports, as the CNI's policies need", () => {
    for (const port of service.spec.ports)
      expect(named(server.ports, port.targetPort).containerPort).toBe(port.port);
  });

  test("no Secret is rendered, and secrets are only named", () => {
    expect(objects.map((object) => object.kind)).not.toContain("Secret");
    const key = args.profile.apiKeyVariable;
    if (!key) return;
    expect(named(server.env, key).valueFrom.secretKeyRef).toEqual({ name: "api-key", key: "api-key" });
    expect(JSON.stringify(named(pod.initContainers, "warm-up")?.env ?? [])).toContain("secretKeyRef");
  });

  test("a sample request warms the pod up before it is Ready", () => {
    const warmUp = named(pod.initContainers, "warm-up");
    if (!(args.sampleRequest ?? args.profile.sampleRequest)) return expect(warmUp).toBeUndefined();
    expect(warmUp.restartPolicy).toBe("Always");
    expect(warmUp.startupProbe).toBeUndefined();
    const marker = named(warmUp.env, "MARKER").value;
    expect(warmUp.readinessProbe.exec.command).toContain(marker);
    expect(warmUp.volumeMounts.some((mount: Rendered) => marker.startsWith(`${mount.mountPath}/`))).toBe(
      true,
    );
  });
});

describe("the vLLM service", () => {
  const args = services.vllm as InferenceReleaseArgs;
  const objects = rendered.vllm as Rendered[];
  const pod = one(objects, "Deployment").spec.template.spec;
  const server = named(pod.containers, "server");

  test("does not get Kubernetes' service variables: VLLM_PORT would break it", () => {
    expect(pod.enableServiceLinks).toBe(false);
  });

  test("shared memory is in memory, and below the memory limit", () => {
    const volume = named(pod.volumes, "shared-memory").emptyDir;
    expect(volume.medium).toBe("Memory");
    expect(Number.parseInt(volume.sizeLimit, 10)).toBeLessThan(
      Number.parseInt(server.resources.limits.memory, 10),
    );
  });

  test("downloads the model once, before the server starts, where the server looks for it", () => {
    const preload = named(pod.initContainers, "preload");
    expect(preload.image).toBe(server.image);
    expect(preload.command.slice(-1)).toEqual(["Qwen/Qwen2.5-1.5B-Instruct"]);
    expect(preload.restartPolicy).toBeUndefined();
    expect(named(preload.env, "HF_TOKEN").valueFrom.secretKeyRef.name).toBe("hub");
    expect(preload.env.map((variable: Rendered) => variable.name)).toEqual(["HF_TOKEN"]);
    // The engine's own folder for the hub, not the chart's default.
    expect(named(preload.env, "HF_HOME")).toBeUndefined();
    expect(one(objects, "ConfigMap", "vllm-env").data.HF_HOME).toBe("/cache/huggingface");
    expect(named(pod.volumes, "cache").emptyDir.sizeLimit).toBe("16Gi");
  });

  test("a claim is mounted instead; without a cache the engine's folder is still writable", () => {
    const claimed = {
      ...args.model,
      cache: { mode: "claim" as const, claimName: "weights", preload: false },
    };
    const withClaim = one(render("vllm", { ...args, model: claimed }), "Deployment").spec.template.spec;
    expect(named(withClaim.volumes, "cache").persistentVolumeClaim.claimName).toBe("weights");
    expect(named(withClaim.initContainers, "preload")).toBeUndefined();
    const none = { ...args.model, cache: { mode: "none" as const } };
    const without = one(render("vllm", { ...args, model: none }), "Deployment").spec.template.spec;
    expect(named(without.volumes, "cache")).toBeUndefined();
    const paths = named(without.containers, "server").volumeMounts.map((mount: Rendered) => mount.mountPath);
    expect(paths).toContain("/cache");
  });

  test("only the load balancer, named namespaces, the test and Prometheus get in; out is DNS and 443", () => {
    const { ingress, egress } = one(objects, "NetworkPolicy", "vllm").spec;
    expect(ingress[0].from.slice(1)).toEqual([
      { ipBlock: { cidr: "10.0.0.0/24" } },
      { ipBlock: { cidr: "10.0.1.0/24" } },
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents" } } },
    ]);
    const tested = one(objects, "Pod").metadata.labels;
    expect(matches(ingress[0].from[0].podSelector.matchLabels, tested)).toBe(true);
    expect(ingress[1].from).toEqual([
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
        podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
      },
    ]);
    const out = egress.flatMap((rule: Rendered) => rule.ports.map((port: Rendered) => port.port));
    expect(out.sort()).toEqual([443, 53, 53]);
  });

  test("a fixed number of replicas when nothing scales the service; no warm-up when it is off", () => {
    const replicas = { scaled: false, minReplicas: 2, maxReplicas: 2 };
    const { spec } = one(render("vllm", { ...args, replicas, warmupRequests: 0 }), "Deployment");
    expect(spec.replicas).toBe(2);
    expect(named(spec.template.spec.initContainers, "warm-up")).toBeUndefined();
    expect(named(spec.template.spec.volumes, "requests")).toBeUndefined();
  });
});

describe("the NLU service", () => {
  const args = services.nlu as InferenceReleaseArgs;
  const objects = rendered.nlu as Rendered[];
  const template = one(objects, "Deployment").spec.template;
  const server = named(template.spec.containers, "server");

  test("has the limits of the use case, and a place at Redis", () => {
    expect(server.resources).toEqual({
      requests: { cpu: "1000m", memory: "2048Mi" },
      limits: { cpu: "2000m", memory: "4096Mi" },
    });
    expect(template.metadata.labels["inference-platform/redis-client"]).toBe("true");
    expect(named(server.env, "REDIS_URL").valueFrom.secretKeyRef).toEqual({
      name: "redis-connection",
      key: "url",
    });
  });

  test("changed files and variables start new pods; a new version of the chart alone does not", () => {
    const checksum = (rendered: Rendered[]) =>
      one(rendered, "Deployment").spec.template.metadata.annotations["checksum/config"];
    const changed = { ...args, files: { "labels.json": '{"a": 1}' } };
    expect(checksum(render("nlu", changed))).not.toBe(checksum(objects));
    expect(checksum(render("nlu", { ...args, env: { LOG_FORMAT: "json" } }))).not.toBe(checksum(objects));
    expect(JSON.stringify(template)).not.toContain("helm.sh/chart");
  });

  test("one pod at a time may be drained, and a broken one never blocks", () => {
    expect(one(objects, "PodDisruptionBudget").spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    });
  });
});

test("helm lint --strict accepts the examples and what the component sends", () => {
  const examples = ["cpu", "gpu"].map((kind) => join(inferenceChart, `ci/${kind}-values.yaml`));
  for (const example of examples) helm(["lint", "--strict", inferenceChart, "--values", example]);
  const values = JSON.stringify(serviceValues(nluService()));
  expect(helm(["lint", "--strict", inferenceChart, "--values", "-"], values)).toContain("0 chart(s) failed");
});

test("the component asks for the version that the chart has", () => {
  const chart = readFileSync(join(inferenceChart, "Chart.yaml"), "utf8");
  const component = readFileSync(join(inferenceChart, "../release.ts"), "utf8");
  const version = /^version: (.*)$/m.exec(chart)?.[1];
  expect(component).toContain(`const chartVersion = "${version}";`);
});

test("the preload gets the token of the hub, and neither the API key nor the password of Redis", () => {
  const args = { ...(services.vllm as InferenceReleaseArgs), redisSecretName: "redis-connection" };
  const pod = one(render("vllm", args), "Deployment").spec.template.spec;
  const secretsOf = (container: Rendered) =>
    (container.env ?? []).flatMap((variable: Rendered) => variable.valueFrom?.secretKeyRef.name ?? []);
  expect(secretsOf(named(pod.initContainers, "preload"))).toEqual(["hub"]);
  expect(secretsOf(named(pod.containers, "server"))).toEqual(
    expect.arrayContaining(["api-key", "hub", "redis-connection"]),
  );
});

test.each(Object.keys(services))("%s: every emptyDir has a limit", (name) => {
  for (const cache of ["node", "none"] as const) {
    const args = services[name] as InferenceReleaseArgs;
    const pod = one(render(name, { ...args, model: { ...args.model, cache: { mode: cache } } }), "Deployment")
      .spec.template.spec;
    const unlimited = pod.volumes.filter((volume: Rendered) => volume.emptyDir && !volume.emptyDir.sizeLimit);
    expect(unlimited).toEqual([]);
  }
});

test.each([
  [{ writablePaths: ["/"] }, /writablePaths/],
  [{ writablePaths: ["/proc"] }, /writablePaths/],
  [{ writablePaths: ["/sys/fs"] }, /writablePaths/],
  [{ writablePaths: ["/usr"] }, /writablePaths/],
  [{ writablePaths: ["/tmp/../etc"] }, /writablePaths/],
  [{ writablePaths: ["/tmp/"] }, /writablePaths/],
  [{ writablePaths: ["/etc/inference"] }, /writablePaths \(\/etc\/inference\): is mounted already/],
  [{ filesPath: "/" }, /filesPath/],
  [{ filesPath: "/etc" }, /filesPath/],
  [{ filesPath: "/proc/1" }, /filesPath/],
  [{ cache: { mode: "node", path: "/", sizeGiB: 5 } }, /cache\/path/],
  [{ cache: { mode: "node", path: "/models", sizeGiB: 0 } }, /sizeGiB/],
  [{ preStopSeconds: 60, terminationGracePeriodSeconds: 60 }, /preStopSeconds \(60\): must be below/],
  [
    { resources: { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "1500m", memory: "1Gi" } } },
    /limits.cpu \(1500m\): must be at least the request, 2/,
  ],
  [
    { resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2000Mi" } } },
    /limits.memory \(2000Mi\): must be at least the request, 2Gi/,
  ],
])("the chart refuses %j", (values, message) => {
  const base = { image: { reference: "registry.example.com/server:1.4.0" } };
  const rendered = () => helmTemplate(inferenceChart, "x", "inference", { ...base, ...values });
  expect(rendered).toThrow(message);
});

test.each([
  { writablePaths: ["/tmp", "/var/cache/app", "/home/app", "/etc/nginx/conf.d"] },
  { resources: { requests: { cpu: "1.5", memory: "1536Mi" }, limits: { cpu: "1500m", memory: "1.5Gi" } } },
  { resources: { requests: { cpu: "1", memory: "2G" }, limits: { memory: "2Gi" } } },
  { preStopSeconds: 59, terminationGracePeriodSeconds: 60 },
])("the chart accepts %j", (values) => {
  const base = { image: { reference: "registry.example.com/server:1.4.0" } };
  expect(helmTemplate(inferenceChart, "x", "inference", { ...base, ...values }).length).toBeGreaterThan(3);
});

test("the schema refuses what cannot work, all of it at once", () => {
  const wrong = {
    replicaCount: 2,
    image: { reference: "vllm/vllm-openai:latest" },
    runAsUser: 0,
    cache: { mode: "claim", path: "/cache", claimName: "" },
    rollout: { maxSurge: 0, maxUnavailable: 0 },
    apiKey: { variable: "KEY", secretName: "", secretKey: "" },
    podLabels: { "app.kubernetes.io/name": "x" },
    port: 80,
    metrics: { enabled: true, intervalSeconds: 1 },
    resources: { limits: { memory: "2 GB" } },
    writablePaths: ["tmp"],
  };
  const named = [
    /'replicaCount' not allowed/,
    /image\/reference/,
    /runAsUser/,
    /cache\/claimName/,
    /rollout\/maxUnavailable/,
    /apiKey\/secretName/,
    /propertyName 'app.kubernetes.io\/name'/,
    /\/port'/,
    /metrics\/intervalSeconds/,
    /limits\/memory/,
    /writablePaths\/0/,
  ];
  let refusal = "";
  try {
    render("vllm", services.vllm as InferenceReleaseArgs, wrong);
  } catch (error) {
    refusal = String(error);
  }
  for (const message of named) expect(refusal).toMatch(message);
});

test("an image needs a tag or a digest; the chart has no default for it", () => {
  expect(() => helm(["template", "x", inferenceChart, "--set", "image.reference=vllm/vllm-openai"])).toThrow(
    /image\/reference/,
  );
});
