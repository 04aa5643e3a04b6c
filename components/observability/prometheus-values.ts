import { daemonSetRequests } from "../gpu/reservations";

/**
 * Name of the release and of everything that the chart names after it. The chart cuts longer names at 26 characters,
 * so a name that is derived from the stack's could end up as another one than its users expect.
 */
export const stackName = "kube-prometheus-stack";

/** Address of Prometheus inside the cluster. */
export function prometheusUrl(namespace: string): string {
  return `http://${stackName}-prometheus.${namespace}.svc:9090`;
}

/** What the values are made from. */
export interface PrometheusValuesArgs {
  /** Days. */
  retentionDays: number;
  /** Size of Prometheus' volume, GiB. */
  storageGiB: number;
  /** Seconds. */
  scrapeIntervalSeconds: number;
  /** Storage class of all volumes. */
  storageClass: string;
  /** Secret with Grafana's login; Grafana is left out without it. */
  grafanaSecretName?: string;
}

/** Values of the chart kube-prometheus-stack. Plain data: no secret, nothing that is known only after creation. */
export function prometheusValues(args: PrometheusValuesArgs): Record<string, unknown> {
  const interval = `${args.scrapeIntervalSeconds}s`;
  return {
    fullnameOverride: stackName,
    ...hiddenByEks,
    kubelet: { serviceMonitor: { cAdvisorInterval: interval } },
    nodeExporter: { operatingSystems: { aix: { enabled: false }, darwin: { enabled: false } } },
    prometheus: {
      prometheusSpec: {
        scrapeInterval: interval,
        evaluationInterval: interval,
        retention: `${args.retentionDays}d`,
        // The rest is for the write-ahead log and compaction: a full volume stops Prometheus.
        retentionSize: `${Math.floor(args.storageGiB * 0.85)}GB`,
        storageSpec: volume(args.storageClass, args.storageGiB),
        resources: resources(200, 1024, 3072),
        ...selectEverything,
      },
    },
    alertmanager: {
      alertmanagerSpec: {
        // Keeps silences over a restart.
        storage: volume(args.storageClass, 1),
        resources: resources(10, 64, 128),
      },
    },
    prometheusOperator: {
      resources: resources(20, 128, 256),
      prometheusConfigReloader: { resources: resources(10, 32, 64) },
      admissionWebhooks: { patch: { resources: resources(10, 32, 128) } },
    },
    // With Secrets among what it describes it could read all of the cluster's.
    "kube-state-metrics": { resources: resources(10, 64, 256), collectorsExclude: ["secrets"] },
    "prometheus-node-exporter": {
      resources: resources(
        daemonSetRequests.nodeExporter.cpuMillis,
        daemonSetRequests.nodeExporter.memoryMiB,
        128,
      ),
    },
    grafana: args.grafanaSecretName ? grafana(args.grafanaSecretName) : { enabled: false },
  };
}

/** Parts of the control plane that EKS does not let anyone scrape, and the rules that would alert on their absence. */
const hiddenByEks = {
  kubeControllerManager: { enabled: false },
  kubeScheduler: { enabled: false },
  kubeEtcd: { enabled: false },
  // kube-proxy answers on 127.0.0.1 of each node only.
  kubeProxy: { enabled: false },
  defaultRules: {
    rules: {
      etcd: false,
      kubeControllerManager: false,
      kubeProxy: false,
      kubeSchedulerAlerting: false,
      kubeSchedulerRecording: false,
      windows: false,
    },
  },
};

/** By default the chart makes Prometheus ignore, silently, what does not carry the release's label. */
const selectEverything = {
  serviceMonitorSelectorNilUsesHelmValues: false,
  podMonitorSelectorNilUsesHelmValues: false,
  ruleSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
};

/** Name of the Role that Grafana's sidecars have. */
export const grafanaRoleName = "grafana-configmaps";

function grafana(secretName: string): Record<string, unknown> {
  const sidecar = { resource: "configmap", searchNamespace: null };
  return {
    enabled: true,
    // The chart's own roles read Secrets, of the namespace or of the whole cluster.
    rbac: { namespaced: true, useExistingRole: grafanaRoleName },
    admin: { existingSecret: secretName, userKey: "admin-user", passwordKey: "admin-password" },
    resources: resources(50, 256, 512),
    sidecar: { resources: resources(10, 96, 192), dashboards: sidecar, datasources: sidecar },
    // What it would ask of the internet, which its namespace does not let it to.
    "grafana.ini": {
      analytics: { check_for_updates: false, check_for_plugin_updates: false, reporting_enabled: false },
      news: { news_feed_enabled: false },
    },
    // A pod that only `helm test` would start, from an image that nothing else needs.
    testFramework: { enabled: false },
  };
}

function volume(storageClassName: string, sizeGiB: number): Record<string, unknown> {
  return {
    volumeClaimTemplate: {
      spec: {
        storageClassName,
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: `${sizeGiB}Gi` } },
      },
    },
  };
}

/** Memory is bounded so that a leak does not take the node; CPU is not, because a throttled scrape is a gap. */
function resources(cpuMillis: number, memoryMiB: number, memoryLimitMiB: number): Record<string, unknown> {
  return {
    requests: { cpu: `${cpuMillis}m`, memory: `${memoryMiB}Mi` },
    limits: { memory: `${memoryLimitMiB}Mi` },
  };
}
