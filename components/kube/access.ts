import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Access } from "./client";

/** A kubeconfig as JSON, as much of it as is read. */
interface Kubeconfig {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: { server: string; "certificate-authority-data"?: string } }[];
  users?: { name: string; user: User }[];
}

interface User {
  token?: string;
  "client-certificate-data"?: string;
  "client-key-data"?: string;
  exec?: { apiVersion: string; command: string; args?: string[]; env?: { name: string; value: string }[] };
}

/** What a credential plugin prints. */
interface ExecCredential {
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

/** An access, and until when it holds. */
export interface TimedAccess {
  access: Access;
  /** Milliseconds since 1970; absent when it does not end. */
  expires?: number;
}

/**
 * Who to be and where to go according to the current context of a kubeconfig. A credential plugin, such as
 * `aws eks get-token`, is run.
 *
 * @param kubeconfig JSON, with certificates in line
 * @throws Error when there is no current context, no usable credential, or the plugin fails
 */
export async function accessOf(kubeconfig: string): Promise<TimedAccess> {
  const config = JSON.parse(kubeconfig) as Kubeconfig;
  const context = config.contexts?.find((entry) => entry.name === config["current-context"])?.context;
  const cluster = config.clusters?.find((entry) => entry.name === context?.cluster)?.cluster;
  const user = config.users?.find((entry) => entry.name === context?.user)?.user;
  if (!cluster) throw new Error("the kubeconfig has no cluster in its current context");
  const ca = decode(cluster["certificate-authority-data"]);
  const place = { server: cluster.server, ...(ca && { ca }) };
  const cert = decode(user?.["client-certificate-data"]);
  const key = decode(user?.["client-key-data"]);
  if (user?.token) return { access: { ...place, token: user.token } };
  if (cert && key) return { access: { ...place, cert, key } };
  if (!user?.exec) {
    throw new Error("the kubeconfig must have a token, a client certificate or a credential plugin");
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = await runPlugin(user.exec);
  return {
    access: {
      ...place,
      ...(token && { token }),
      ...(clientCertificateData && clientKeyData && { cert: clientCertificateData, key: clientKeyData }),
    },
    ...(expirationTimestamp && { expires: Date.parse(expirationTimestamp) }),
  };
}

const decode = (text: string | undefined) => text && Buffer.from(text, "base64").toString();

async function runPlugin(exec: NonNullable<User["exec"]>): Promise<NonNullable<ExecCredential["status"]>> {
  const info = { apiVersion: exec.apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const { stdout } = await promisify(execFile)(exec.command, exec.args ?? [], {
    timeout: 60_000,
    env: {
      ...process.env,
      ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
  });
  const { status } = JSON.parse(stdout) as ExecCredential;
  if (!status) throw new Error(`${exec.command} printed no credential`);
  return status;
}
