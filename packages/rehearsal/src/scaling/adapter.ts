import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { ControlPlane } from "../control-plane";
import { path } from "../kube/client";
import { type Child, freePorts, type Supervisor, until } from "../processes";
import { pacedDuration, pacedQuery } from "./pace";
import type { DeployedStack } from "./stack";

const namespace = "rehearsal";
const serviceName = "prometheus-adapter";

/** The real prometheus-adapter as a local process, with the configuration that the stack gives it. */
export class AdapterProcess {
  private child?: Child;

  private constructor(
    private readonly supervisor: Supervisor,
    private readonly binary: string,
    private readonly args: string[],
    private readonly plane: ControlPlane,
  ) {}

  static async start(
    supervisor: Supervisor,
    binary: string,
    plane: ControlPlane,
    adapter: DeployedStack["adapter"],
    prometheusUrl: string,
  ): Promise<AdapterProcess> {
    const dir = join(supervisor.dir, "adapter");
    mkdirSync(dir);
    const file = join(dir, "config.yaml");
    writeFileSync(file, pacedConfig(adapter.config));
    const [port] = (await freePorts(1)) as [number];
    const own: Record<string, string> = {
      "--secure-port": String(port),
      "--bind-address": "127.0.0.1",
      "--cert-dir": dir,
      "--config": file,
      "--prometheus-url": prometheusUrl,
      "--lister-kubeconfig": plane.adminKubeconfig,
      "--authentication-kubeconfig": plane.adminKubeconfig,
      "--authorization-kubeconfig": plane.adminKubeconfig,
      // The API server publishes no certificate by which it vouches for its callers.
      "--authentication-skip-lookup": "true",
    };
    const kept = adapter.args
      .filter((arg) => !((arg.split("=")[0] as string) in own))
      .map((arg) =>
        arg.replace(/^(--metrics-relist-interval=)(.+)$/, (_, flag, text) => flag + pacedDuration(text)),
      );
    const args = [...kept, ...Object.entries(own).map(([flag, value]) => `${flag}=${value}`)];
    const started = new AdapterProcess(supervisor, binary, args, plane);
    await register(plane, adapter.apiService, port);
    await started.resume();
    return started;
  }

  /** Starts it, again after `stop`, and waits until the API server gets answers from it. */
  async resume(): Promise<void> {
    this.child = this.supervisor.start("prometheus-adapter", this.binary, this.args);
    await until("the metrics API to answer", 60, async () => {
      return (await this.plane.client.text("/apis/custom.metrics.k8s.io/v1beta1")).includes(
        "APIResourceList",
      );
    });
  }

  async stop(): Promise<void> {
    await this.child?.stop();
  }

  /**
   * What the metrics API answers now about a metric of the pods with these labels; undefined when it has nothing.
   * Numbers by pod.
   */
  async podMetric(
    inNamespace: string,
    instance: string,
    metric: string,
  ): Promise<Map<string, number> | undefined> {
    const selector = encodeURIComponent(`app.kubernetes.io/instance=${instance}`);
    const url = `/apis/custom.metrics.k8s.io/v1beta1/namespaces/${inNamespace}/pods/*/${metric}?labelSelector=${selector}`;
    try {
      const { items } = JSON.parse(await this.plane.client.text(url)) as { items: MetricValue[] };
      return new Map(items.map((item) => [item.describedObject.name, quantityOf(item.value)]));
    } catch {
      return undefined;
    }
  }
}

interface MetricValue {
  describedObject: { name: string };
  value: string;
}

const quantityOf = (text: string) => (text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text));

/** The stack's configuration with its ranges paced, and the rules by which CPU and memory reach the autoscaler here. */
export function pacedConfig(text: string): string {
  const config = parse(text) as { rules?: { metricsQuery: string }[] };
  const rules = (config.rules ?? []).map((rule) => ({
    ...rule,
    metricsQuery: pacedQuery(rule.metricsQuery),
  }));
  const usage = (query: string) => ({
    containerQuery: pacedQuery(query),
    nodeQuery: pacedQuery(query),
    resources: {
      overrides: {
        namespace: { resource: "namespace" },
        pod: { resource: "pod" },
        node: { resource: "node" },
      },
    },
    containerLabel: "container",
  });
  const resourceRules = {
    cpu: usage("sum by (<<.GroupBy>>) (rate(container_cpu_usage_seconds_total{<<.LabelMatchers>>}[1m]))"),
    memory: usage("sum by (<<.GroupBy>>) (container_memory_working_set_bytes{<<.LabelMatchers>>})"),
    window: pacedDuration("1m"),
  };
  return stringify({ ...config, rules, resourceRules });
}

/** Points the metrics APIs at the local process, and lets everybody in the cluster read them. */
async function register(
  plane: ControlPlane,
  apiService: DeployedStack["adapter"]["apiService"],
  port: number,
) {
  const { client } = plane;
  await client.ensure(path("v1", "namespaces"), { metadata: { name: namespace } });
  await client.ensure(path("v1", "services", namespace), {
    metadata: { name: serviceName },
    spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
  });
  const service = { namespace, name: serviceName, port };
  const custom = { ...apiService.spec, service, insecureSkipTLSVerify: true };
  for (const spec of [custom, { ...custom, group: "metrics.k8s.io" }]) {
    await client.ensure(path("apiregistration.k8s.io/v1", "apiservices"), {
      metadata: { name: `${spec.version}.${spec.group}` },
      spec,
    });
  }
  const rbac = "rbac.authorization.k8s.io/v1";
  await client.ensure(path(rbac, "clusterroles"), {
    metadata: { name: "rehearsal-metrics" },
    rules: [
      { apiGroups: ["custom.metrics.k8s.io", "metrics.k8s.io"], resources: ["*"], verbs: ["get", "list"] },
      { nonResourceURLs: ["/apis", "/apis/*", "/openapi/*"], verbs: ["get"] },
    ],
  });
  await client.ensure(path(rbac, "clusterrolebindings"), {
    metadata: { name: "rehearsal-metrics" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "rehearsal-metrics" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "system:anonymous" }],
  });
}
