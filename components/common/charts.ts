import type { Problem } from "./problem";
import { refuseArguments } from "./refuse";
import { type TextRule, textProblems } from "./text";

/** A published Helm chart at the one version that this project is tested with. */
export interface ChartPin {
  /** Chart name in its repository; also the archive's name before `-<version>.tgz`. */
  name: string;
  /** Exact chart version. */
  version: string;
  /** HTTPS repository that publishes it. */
  repository: string;
}

/** Every third-party chart, with its version. The only place where a chart version is written. */
export const charts = {
  awsLoadBalancerController: {
    name: "aws-load-balancer-controller",
    version: "3.5.0",
    repository: "https://aws.github.io/eks-charts",
  },
  clusterAutoscaler: {
    name: "cluster-autoscaler",
    version: "9.59.0",
    repository: "https://kubernetes.github.io/autoscaler",
  },
  dcgmExporter: {
    name: "dcgm-exporter",
    version: "4.8.2",
    repository: "https://nvidia.github.io/dcgm-exporter/helm-charts",
  },
  kubePrometheusStack: {
    name: "kube-prometheus-stack",
    version: "88.5.3",
    repository: "https://prometheus-community.github.io/helm-charts",
  },
  nvidiaDevicePlugin: {
    name: "nvidia-device-plugin",
    version: "0.20.0",
    repository: "https://nvidia.github.io/k8s-device-plugin",
  },
  prometheusAdapter: {
    name: "prometheus-adapter",
    version: "5.3.0",
    repository: "https://prometheus-community.github.io/helm-charts",
  },
  valkey: {
    name: "valkey",
    version: "0.11.0",
    repository: "https://valkey.io/valkey-helm/",
  },
} satisfies Record<string, ChartPin>;

/** Where charts may be loaded from in place of their publishers. */
export const mirrorRule: TextRule = {
  pattern: /^((https|oci):\/\/[a-z0-9][^\s@?#]*|(?![a-zA-Z][a-zA-Z0-9+.-]*:\/\/)[^\s~](.*\S)?)$/,
  must: "must be a folder, or the address of an https:// or oci:// repository without credentials",
  longest: 1024,
};

/** What is wrong with a mirror. Whether it has the charts is seen when they are loaded. */
export function mirrorProblems(mirror: string): Problem[] {
  return textProblems(
    "chartMirror",
    mirror,
    mirrorRule,
    "Log in with `helm registry login` where it needs a password.",
  );
}

/** The arguments of a `helm.v3.Release` that say where its chart comes from. */
export interface ChartSource {
  chart: string;
  version: string;
  repositoryOpts?: { repo: string };
}

/**
 * Where to load a chart from.
 *
 * @param mirror A folder of chart archives (absolute or relative path), or the address of an `https://` or
 *   `oci://` repository that holds the charts under their own names. Default: the publisher's repository.
 */
export function chartSource(pin: ChartPin, mirror?: string): ChartSource {
  if (!mirror) return { chart: pin.name, version: pin.version, repositoryOpts: { repo: pin.repository } };
  refuseArguments("chartMirror", mirrorProblems(mirror));
  const base = mirror.replace(/\/+$/, "");
  if (base.startsWith("oci://")) return { chart: `${base}/${pin.name}`, version: pin.version };
  if (base.startsWith("https://"))
    return { chart: pin.name, version: pin.version, repositoryOpts: { repo: base } };
  return { chart: `${base}/${pin.name}-${pin.version}.tgz`, version: pin.version };
}
