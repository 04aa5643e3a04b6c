import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "../src/control-plane";
import type { Tools } from "../src/found-tools";
import { path } from "../src/kube/client";
import { type Supervisor, until } from "../src/processes";

/**
 * A cluster as `kind create cluster` leaves it: one node that takes every pod, what kind runs there, a default storage class,
 * and an API server that calls admission webhooks. The node's kubelet is missing.
 */
export async function startKindLike(supervisor: Supervisor, tools: Tools): Promise<ControlPlane> {
  const plane = await startControlPlane(supervisor, {
    ...tools,
    "kube-apiserver": withWebhooks(supervisor, tools["kube-apiserver"]),
  });
  const { client } = plane;
  const capacity = { cpu: "8", memory: "16Gi", pods: "110" };
  await client.create(path("v1", "nodes"), {
    metadata: { name: "kind-control-plane", labels: { "node-role.kubernetes.io/control-plane": "" } },
  });
  await client.patch(`${path("v1", "nodes")}/kind-control-plane/status`, {
    status: { capacity, allocatable: capacity, conditions: [{ type: "Ready", status: "True" }] },
  });
  await client.create(path("v1", "namespaces"), { metadata: { name: "local-path-storage" } });
  const controlPlane = [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }];
  const everywhere = [{ operator: "Exists" }];
  const workloads: [string, string, string, object[]][] = [
    ["deployments", "kube-system", "coredns", controlPlane],
    ["deployments", "local-path-storage", "local-path-provisioner", controlPlane],
    ["daemonsets", "kube-system", "kindnet", everywhere],
    ["daemonsets", "kube-system", "kube-proxy", everywhere],
  ];
  for (const [plural, namespace, name, tolerations] of workloads) {
    const labels = { "k8s-app": name };
    await client.create(path("apps/v1", plural, namespace), {
      metadata: { name },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { tolerations, containers: [{ name, image: `kind/${name}` }] },
        },
      },
    });
  }
  await client.create(path("storage.k8s.io/v1", "storageclasses"), {
    metadata: {
      name: "standard",
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner: "rancher.io/local-path",
  });
  await until("the pods of the cluster itself", 30, async () => {
    const pods = await client.list(path("v1", "pods"));
    return pods.length === workloads.length;
  });
  return plane;
}

/** The rehearsal's own control plane has webhooks switched off; this one must not. */
function withWebhooks(supervisor: Supervisor, apiserver: string): string {
  const file = join(supervisor.dir, "kube-apiserver");
  const script = `#!/bin/bash
args=()
for arg in "$@"; do [[ $arg == --disable-admission-plugins=* ]] || args+=("$arg"); done
exec '${apiserver}' "\${args[@]}"
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return file;
}
