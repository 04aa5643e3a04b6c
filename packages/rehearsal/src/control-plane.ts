import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tools } from "./found-tools";
import { KubeClient } from "./kube/client";
import { type Child, freePorts, type Supervisor, tail, until } from "./processes";

/** A running Kubernetes control plane, and how to reach it. */
export interface ControlPlane {
  /** `https://127.0.0.1:<port>`. */
  server: string;
  /** PEM of the certificate authority that signed the server's certificate. */
  ca: string;
  /** Kubeconfig file with full rights, for the rehearsal itself and for people who look around. */
  adminKubeconfig: string;
  /** Token of the identity that runs Pulumi: it may do nothing until access is granted. */
  principalToken: string;
  /** The user name behind `principalToken`. */
  principal: string;
  /** Certificate and key files of the API server, valid for localhost; absent when the cluster is not ours. */
  tls?: { cert: string; key: string };
  client: KubeClient;
  /** Stops the API server alone, as an outage; absent when the cluster is not ours. */
  stopApiServer?(): Promise<void>;
  /** Starts it again and waits until it answers. */
  startApiServer?(): Promise<void>;
  /** Kubernetes version, such as `v1.35.0`. */
  version: string;
}

/** The user that the token of `aws eks get-token` stands for. */
export const principalUser = "rehearsal:pulumi";

/**
 * Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok on free loopback ports, without
 * root. Role-based access and all default admission is on, Pod Security included; only calls to admission webhooks
 * are off, since the pods behind them do not run.
 */
export async function startControlPlane(
  supervisor: Supervisor,
  tools: Tools,
  /** Further flags of kube-controller-manager; they win over the rehearsal's own. */
  controllerArgs: string[] = [],
): Promise<ControlPlane> {
  const dir = join(supervisor.dir, "kubernetes");
  mkdirSync(dir, { mode: 0o700 });
  const [etcdPort, peerPort, port, schedulerPort] = (await freePorts(4)) as [number, number, number, number];
  const files = writeCredentials(dir);

  supervisor.start("etcd", tools.etcd, etcdArgs(dir, etcdPort, peerPort));
  let apiserver: Child = startApiServer(supervisor, tools, dir, port, etcdPort, files.tokenFile);
  const server = `https://127.0.0.1:${port}`;
  const tls = { cert: join(dir, "certs", "apiserver.crt"), key: join(dir, "certs", "apiserver.key") };
  const ca = await until("the API server's certificate", 60, () => {
    if (!apiserver.running()) throw new Error(`kube-apiserver ended:\n${tail(apiserver.log)}`);
    return readFileSync(tls.cert, "utf8") || undefined;
  });
  const client = new KubeClient({ server, ca, token: files.tokens.admin });
  await answers(client, () => apiserver);

  const kubeconfig = (user: "admin" | "controllers" | "scheduler" | "kwok") =>
    writeKubeconfig(dir, user, server, ca, files.tokens[user]);
  const adminKubeconfig = kubeconfig("admin");
  startControllers(supervisor, tools, dir, kubeconfig, tls.cert, schedulerPort, controllerArgs);
  const version = JSON.parse(await client.text("/version")).gitVersion as string;

  return {
    server,
    ca,
    adminKubeconfig,
    principalToken: files.tokens.principal,
    principal: principalUser,
    tls,
    client,
    version,
    stopApiServer: () => apiserver.stop(),
    startApiServer: async () => {
      apiserver = startApiServer(supervisor, tools, dir, port, etcdPort, files.tokenFile);
      await answers(client, () => apiserver);
    },
  };
}

async function answers(client: KubeClient, apiserver: () => Child): Promise<void> {
  await until("the API server to be ready", 90, async () => {
    if (!apiserver().running()) throw new Error(`kube-apiserver ended:\n${tail(apiserver().log)}`);
    return (await client.text("/readyz")) === "ok";
  });
}

function etcdArgs(dir: string, client: number, peer: number): string[] {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  return [
    `--data-dir=${join(dir, "etcd")}`,
    `--listen-client-urls=${url(client)}`,
    `--advertise-client-urls=${url(client)}`,
    `--listen-peer-urls=${url(peer)}`,
    `--initial-advertise-peer-urls=${url(peer)}`,
    `--initial-cluster=default=${url(peer)}`,
    "--unsafe-no-fsync", // the data lives as long as the rehearsal
    "--log-level=error",
  ];
}

function startApiServer(
  supervisor: Supervisor,
  tools: Tools,
  dir: string,
  port: number,
  etcdPort: number,
  tokenFile: string,
): Child {
  return supervisor.start("kube-apiserver", tools["kube-apiserver"], [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none", // the address of the API server is not one for pods
    `--secure-port=${port}`,
    `--cert-dir=${join(dir, "certs")}`,
    `--token-auth-file=${tokenFile}`,
    "--authorization-mode=RBAC",
    "--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
    "--service-cluster-ip-range=172.20.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(dir, "sa.key")}`,
    `--service-account-signing-key-file=${join(dir, "sa.key")}`,
    "--allow-privileged=true",
    "--profiling=false",
    "--shutdown-delay-duration=0s",
    "--v=0",
  ]);
}

function startControllers(
  supervisor: Supervisor,
  tools: Tools,
  dir: string,
  kubeconfig: (user: "controllers" | "scheduler" | "kwok") => string,
  caFile: string,
  schedulerPort: number,
  controllerArgs: string[],
): void {
  const fast = ["--kube-api-qps=200", "--kube-api-burst=400", "--leader-elect=false"];
  supervisor.start("kube-controller-manager", tools["kube-controller-manager"], [
    `--kubeconfig=${kubeconfig("controllers")}`,
    `--service-account-private-key-file=${join(dir, "sa.key")}`,
    `--root-ca-file=${caFile}`,
    "--horizontal-pod-autoscaler-sync-period=5s",
    "--pvclaimbinder-sync-period=1s",
    "--secure-port=0",
    ...fast,
    ...controllerArgs,
  ]);
  supervisor.start("kube-scheduler", tools["kube-scheduler"], [
    `--kubeconfig=${kubeconfig("scheduler")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${schedulerPort}`, // without a port it crashes
    ...fast,
  ]);
  supervisor.start("kwok", tools.kwok, kwokArgs(dir, kubeconfig("kwok")));
}

/** Arguments of kwok: it plays the nodes that carry its annotation, and no others. */
export function kwokArgs(dir: string, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    "--manage-all-nodes=false",
    "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
    "--cidr=10.244.0.0/16",
    "--node-lease-duration-seconds=40",
    `--config=${writeKwokConfig(dir)}`,
  ];
}

/** An empty configuration file: otherwise kwok reads the one in the user's home. */
function writeKwokConfig(dir: string): string {
  const file = join(dir, "kwok.yaml");
  writeFileSync(file, "");
  return file;
}

function writeCredentials(dir: string) {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(join(dir, "sa.key"), privateKey, { mode: 0o600 });
  const token = () => randomBytes(24).toString("hex");
  const tokens = {
    admin: token(),
    controllers: token(),
    scheduler: token(),
    kwok: token(),
    principal: token(),
  };
  const tokenFile = join(dir, "tokens.csv");
  const row = (secret: string, user: string, groups: string) => `${secret},${user},${user},"${groups}"\n`;
  writeFileSync(
    tokenFile,
    row(tokens.admin, "rehearsal:admin", "system:masters") +
      row(tokens.controllers, "system:kube-controller-manager", "system:masters") +
      row(tokens.scheduler, "system:kube-scheduler", "system:masters") +
      row(tokens.kwok, "rehearsal:kwok", "system:masters") +
      row(tokens.principal, principalUser, "rehearsal:principals"),
    { mode: 0o600 },
  );
  return { tokens, tokenFile };
}

function writeKubeconfig(dir: string, user: string, server: string, ca: string, token: string): string {
  const file = join(dir, `${user}.kubeconfig`);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "rehearsal",
        cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "rehearsal", context: { cluster: "rehearsal", user } }],
    "current-context": "rehearsal",
  };
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
}
