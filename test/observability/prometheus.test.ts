import { describe, expect, it } from "vitest";
import { charts } from "../../components/common/charts";
import { Prometheus, type PrometheusArgs } from "../../components/observability/prometheus";
import { prometheusUrl, prometheusValues, stackName } from "../../components/observability/prometheus-values";
import { chartArchive, withoutChart } from "../support/charts";
import { isSecret, type Recording, record, unwrapSecrets } from "../support/components";
import { helmTemplate, type Rendered } from "../support/helm";

const args = (over: Partial<PrometheusArgs> = {}): PrometheusArgs => ({
  retentionDays: 15,
  storageGiB: 50,
  scrapeIntervalSeconds: 15,
  grafana: true,
  ...over,
});

describe("Prometheus", () => {
  const build = (over: Partial<PrometheusArgs> = {}) =>
    record(() => new Prometheus("metrics", args(over)), {
      resources: {
        "random:index/randomPassword:RandomPassword": (inputs) => ({ ...inputs, result: "generated-word" }),
      },
    });
  const release = (recording: Recording) => recording.one("kubernetes:helm.sh/v3:Release");

  it("installs the pinned chart under a fixed name, in a namespace that admits the exporters", async () => {
    const recording = await build({ namespace: "observed", chartMirror: "oci://registry.example/charts" });
    expect(release(recording).inputs).toMatchObject({
      chart: "oci://registry.example/charts/kube-prometheus-stack",
      version: "88.5.3",
      name: stackName,
      namespace: "observed",
    });
    expect(recording.one("kubernetes:core/v1:Namespace").inputs.metadata).toMatchObject({
      name: "observed",
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    });
    const component = recording.one("inference-platform:index:Prometheus");
    expect(recording.outputsOf(component.urn)).toMatchObject({
      namespace: "observed",
      url: "http://kube-prometheus-stack-prometheus.observed.svc:9090",
      grafanaSecretName: "metrics-grafana",
    });
  });

  it("generates Grafana's password into a Secret, and never into values", async () => {
    const recording = await build();
    const secret = recording.one("kubernetes:core/v1:Secret");
    expect(isSecret(secret.inputs.stringData)).toBe(true);
    expect(unwrapSecrets(secret.inputs.stringData)).toEqual({
      "admin-user": "admin",
      "admin-password": "generated-word",
    });
    const values = JSON.stringify(release(recording).inputs.values);
    expect(values).toContain("metrics-grafana");
    expect(values).not.toContain("generated-word");
    expect(release(recording).dependencies).toContain(secret.urn);
  });

  it("makes no password when there is no Grafana", async () => {
    const recording = await build({ grafana: false });
    expect(recording.ofType("random:index/randomPassword:RandomPassword")).toEqual([]);
    expect(release(recording).inputs.values).toMatchObject({ grafana: { enabled: false } });
  });

  it("refuses figures, all at once", async () => {
    await expect(build({ retentionDays: 0, storageGiB: 5, scrapeIntervalSeconds: 1 })).rejects.toThrow(
      /retentionDays \(0\).*1 to 365.*\n.*storageGiB \(5\).*\n.*scrapeIntervalSeconds \(1\)/,
    );
  });
});

const archive = chartArchive(charts.kubePrometheusStack);
describe.skipIf(!archive)(
  `as the chart renders it ${archive ? "" : withoutChart(charts.kubePrometheusStack)}`,
  () => {
    const values = (grafanaSecretName?: string) =>
      prometheusValues({ ...args(), storageClass: "fast", grafanaSecretName });
    const objects: Rendered[] = archive
      ? helmTemplate(archive, stackName, "monitoring", values("metrics-grafana"))
      : [];
    const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
    const prometheus = () => ofKind("Prometheus")[0].spec;

    it("answers at the address that the component gives", () => {
      const { hostname, port } = new URL(prometheusUrl("monitoring"));
      const service = ofKind("Service").find((each) => `${each.metadata.name}.monitoring.svc` === hostname);
      expect(service.spec.ports.map((each: Rendered) => String(each.port))).toContain(port);
      expect(service.spec.selector["operator.prometheus.io/name"]).toBe(
        ofKind("Prometheus")[0].metadata.name,
      );
    });

    it("picks up every monitor and rule, whatever its labels and namespace", () => {
      for (const what of ["serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig"]) {
        expect(prometheus()[`${what}Selector`], what).toEqual({});
        expect(prometheus()[`${what}NamespaceSelector`], what).toEqual({});
      }
    });

    it("stores series on a volume, and leaves room on it", () => {
      const { spec } = prometheus().storage.volumeClaimTemplate;
      expect(spec).toMatchObject({ storageClassName: "fast", resources: { requests: { storage: "50Gi" } } });
      expect(prometheus()).toMatchObject({ retention: "15d", retentionSize: "42GB", scrapeInterval: "15s" });
    });

    it("neither scrapes nor alerts on what EKS hides", () => {
      const text = JSON.stringify([
        ...ofKind("PrometheusRule"),
        ...ofKind("ServiceMonitor"),
        ...ofKind("Service"),
      ]);
      expect(text).toContain("kubelet");
      expect(text).not.toMatch(/job=\\+"(kube-)?(scheduler|etcd|proxy|controller-manager)/);
      expect(text).not.toMatch(/"component":"(etcd|kube-scheduler|kube-controller-manager)"/);
    });

    it("bounds the memory of every container, and says what it asks for", () => {
      const workloads = ["Deployment", "DaemonSet", "Job"].flatMap(ofKind);
      const containers = workloads.flatMap((each) => {
        const { initContainers = [], containers: main } = each.spec.template.spec;
        return [...initContainers, ...main];
      });
      expect(containers.length).toBeGreaterThan(5);
      for (const each of [...containers, prometheus(), ofKind("Alertmanager")[0].spec]) {
        expect(each.resources?.requests, each.name).toMatchObject({
          cpu: expect.stringMatching(/m$/),
          memory: expect.anything(),
        });
        expect(each.resources?.limits?.memory, each.name).toBeDefined();
      }
    });

    it("takes Grafana's login from the Secret, and renders none of its own", () => {
      expect(ofKind("Secret").filter((each) => /grafana/.test(each.metadata.name))).toEqual([]);
      const grafana = ofKind("Deployment").find((each) => /grafana/.test(each.metadata.name));
      expect(JSON.stringify(grafana)).toContain(
        '"secretKeyRef":{"name":"metrics-grafana","key":"admin-password"}',
      );
      const without = helmTemplate(archive ?? "", stackName, "monitoring", values());
      expect(
        without.filter((each) => each.kind === "Deployment" && /grafana/.test(each.metadata.name)),
      ).toEqual([]);
    });
  },
);
