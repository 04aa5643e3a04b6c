import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { kubectlPath } from "../tools/helm";
import { type ControlPlane, kwokArgs } from "./control-plane";
import { type Access, KubeClient, path } from "./kube/client";
import type { Supervisor } from "./processes";
import { rehearsalNamespace } from "./standins/api-services";
import type { Tools } from "./tools";

const account = "pulumi";

/**
 * Uses a disposable cluster of the user's, such as kind, as the control plane; kwok plays the nodes there. The
 * identity that runs Pulumi is a service account, which may do nothing until access is granted.
 *
 * @throws Error when the kubeconfig has no token or client certificate for its current context
 */
export async function useCluster(
  supervisor: Supervisor,
  tools: Tools,
  kubeconfig: string,
): Promise<ControlPlane> {
  const file = resolve(kubeconfig);
  const access = readKubeconfig(file);
  const client = new KubeClient(access);
  const version = JSON.parse(await client.text("/version")).gitVersion as string;
  await client.ensure(path("v1", "namespaces"), { metadata: { name: rehearsalNamespace } });
  const accounts = path("v1", "serviceaccounts", rehearsalNamespace);
  await client.ensure(accounts, { metadata: { name: account } });
  const issued = await client.create(`${accounts}/${account}/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 6 * 3600 },
  });
  supervisor.start("kwok", tools.kwok, kwokArgs(supervisor.dir, file));
  return {
    server: access.server,
    ca: access.ca ?? "",
    adminKubeconfig: file,
    principalToken: issued.status.token,
    principal: `system:serviceaccount:${rehearsalNamespace}:${account}`,
    client,
    version,
  };
}

/** Takes the rehearsal's own objects out of the user's cluster. */
export async function leaveCluster(plane: ControlPlane): Promise<void> {
  await plane.client.remove(path("v1", "namespaces", undefined, rehearsalNamespace));
}

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data"?: string } }[];
  users: {
    user: { token?: string; "client-certificate-data"?: string; "client-key-data"?: string };
  }[];
}

/** kubectl resolves the current context and puts files in line. */
function readKubeconfig(file: string): Access {
  const args = ["config", "view", "--kubeconfig", file, "--raw", "--minify", "--flatten", "--output", "json"];
  const config = JSON.parse(execFileSync(kubectlPath(), args, { encoding: "utf8" })) as Kubeconfig;
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (!cluster) throw new Error(`${file} has no cluster in its current context`);
  const decode = (text: string | undefined) => text && Buffer.from(text, "base64").toString();
  const [ca, cert, key] = [
    decode(cluster["certificate-authority-data"]),
    decode(user?.["client-certificate-data"]),
    decode(user?.["client-key-data"]),
  ];
  if (!user?.token && !(cert && key)) {
    throw new Error(`${file} must have a token or a client certificate for its current context; kind's has`);
  }
  return {
    server: cluster.server,
    ...(ca && { ca }),
    ...(user?.token && { token: user.token }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}
