import { type KubeObject, path } from "../kube/client";
import type { Stage, StandIn } from "./standin";

const namespace = "kube-system";
const addonType = "aws:eks/addon:Addon";
const managedBy = { "app.kubernetes.io/managed-by": "eks-addon" };

/** A workload that an add-on leaves, with the requests of its published manifest. */
interface Workload {
  kind: "DaemonSet" | "Deployment";
  name: string;
  replicas?: number;
  cpu?: string;
  memory?: string;
}

/** Something else that an add-on leaves. */
interface Extra {
  /** Address of the kind. */
  url: string;
  object: { metadata: { name: string } } & Record<string, unknown>;
}

const addons: Record<string, { workloads: Workload[]; extras?: Extra[] }> = {
  "vpc-cni": { workloads: [{ kind: "DaemonSet", name: "aws-node", cpu: "50m" }] },
  "kube-proxy": { workloads: [{ kind: "DaemonSet", name: "kube-proxy", cpu: "100m" }] },
  "eks-pod-identity-agent": { workloads: [{ kind: "DaemonSet", name: "eks-pod-identity-agent" }] },
  coredns: {
    workloads: [{ kind: "Deployment", name: "coredns", replicas: 2, cpu: "100m", memory: "70Mi" }],
  },
  "aws-ebs-csi-driver": {
    workloads: [
      { kind: "DaemonSet", name: "ebs-csi-node", cpu: "30m", memory: "120Mi" },
      { kind: "Deployment", name: "ebs-csi-controller", replicas: 2, cpu: "60m", memory: "240Mi" },
    ],
    extras: [
      {
        url: path("storage.k8s.io/v1", "csidrivers"),
        object: {
          metadata: { name: "ebs.csi.aws.com" },
          spec: { attachRequired: true, podInfoOnMount: false },
        },
      },
    ],
  },
  "metrics-server": {
    workloads: [{ kind: "Deployment", name: "metrics-server", replicas: 2, cpu: "100m", memory: "200Mi" }],
    extras: [
      {
        url: path("apiregistration.k8s.io/v1", "apiservices"),
        object: {
          metadata: { name: "v1beta1.metrics.k8s.io" },
          spec: {
            group: "metrics.k8s.io",
            version: "v1beta1",
            groupPriorityMinimum: 100,
            versionPriority: 100,
            insecureSkipTLSVerify: true,
            service: { name: "metrics-server", namespace, port: 443 },
          },
        },
      },
    ],
  },
  "eks-node-monitoring-agent": {
    workloads: [{ kind: "DaemonSet", name: "eks-node-monitoring-agent", cpu: "10m", memory: "30Mi" }],
  },
};

/** EKS add-ons leave their workloads in the cluster, and take them away again. */
export const addonStandIn: StandIn = {
  name: "add-ons",
  playing:
    "EKS add-ons: their daemon sets and deployments with the published requests, the CSI driver's registration",
  async reconcile(stage, state) {
    const installed = new Set(
      state.resources
        .filter((resource) => resource.type === addonType)
        .map((resource) => String(resource.inputs.addonName)),
    );
    const done = present.get(stage.client) ?? new Set<string>();
    present.set(stage.client, done);
    for (const [name, content] of Object.entries(addons)) {
      if (installed.has(name) && !done.has(name)) {
        await install(stage, content);
        done.add(name);
        stage.note(name);
      } else if (!installed.has(name) && done.has(name)) {
        await remove(stage, content);
        done.delete(name);
      }
    }
    const unknown = [...installed].filter((name) => !addons[name]);
    if (unknown.length > 0) throw new Error(`nothing is known of the add-ons ${unknown.join(", ")}`);
  },
};

/** What stands in each cluster. */
const present = new WeakMap<object, Set<string>>();

const plural = (workload: Workload) => (workload.kind === "DaemonSet" ? "daemonsets" : "deployments");

async function install(stage: Stage, { workloads, extras = [] }: (typeof addons)[string]): Promise<void> {
  for (const workload of workloads) {
    await stage.client.ensure(path("apps/v1", plural(workload), namespace), manifest(workload));
  }
  for (const { url, object } of extras) await stage.client.ensure(url, object);
}

async function remove(stage: Stage, { workloads, extras = [] }: (typeof addons)[string]): Promise<void> {
  for (const { url, object } of extras) await stage.client.remove(`${url}/${object.metadata.name}`);
  for (const workload of workloads) {
    await stage.client.remove(path("apps/v1", plural(workload), namespace, workload.name), {
      propagationPolicy: "Background",
    });
  }
}

function manifest({ kind, name, replicas, cpu, memory }: Workload): Partial<KubeObject> {
  const labels = { "k8s-app": name, ...managedBy };
  const requests = { ...(cpu && { cpu }), ...(memory && { memory }) };
  return {
    metadata: { name, namespace, labels },
    spec: {
      ...(replicas && { replicas }),
      selector: { matchLabels: { "k8s-app": name } },
      template: {
        metadata: { labels },
        spec: {
          // The daemon sets run everywhere; of the deployments' pods none tolerates a GPU node's taint.
          tolerations:
            kind === "DaemonSet"
              ? [{ operator: "Exists" }]
              : [{ key: "CriticalAddonsOnly", operator: "Exists" }],
          priorityClassName: kind === "DaemonSet" ? "system-node-critical" : "system-cluster-critical",
          automountServiceAccountToken: false,
          containers: [{ name, image: `eks/${name}:rehearsal`, resources: { requests } }],
        },
      },
    },
  };
}
