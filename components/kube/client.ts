import * as http from "node:http";
import * as https from "node:https";

/** What every Kubernetes object has. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    deletionTimestamp?: string;
    creationTimestamp?: string;
    generation?: number;
    ownerReferences?: {
      kind: string;
      name: string;
      uid: string;
      apiVersion?: string;
      controller?: boolean;
    }[];
  };
}

/** How to reach an API server, as read from a kubeconfig. */
export interface Access {
  server: string;
  /** PEM of the certificate authority. @default the machine's own */
  ca?: string;
  token?: string;
  /** PEM of a client certificate and its key. */
  cert?: string;
  key?: string;
}

/** An answer of the API server that is not a success. */
export class KubeError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** The address of an API, which lists its kinds: `/apis/apps/v1`, and `/api/v1` for the core. */
export const apiPath = (apiVersion: string) =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/**
 * The address of a kind or of one object: `path("apps/v1", "deployments", "inference", "qwen")`. Without a namespace
 * it is the kind in the whole cluster.
 */
export function path(apiVersion: string, plural: string, namespace?: string, name?: string): string {
  return [
    apiPath(apiVersion),
    ...(namespace ? ["namespaces", namespace] : []),
    plural,
    ...(name ? [name] : []),
  ].join("/");
}

/**
 * A Kubernetes client of the few calls that are made here, over Node's own https. The published client library is 25 MB
 * of generated types and pulls in a second HTTP stack; JSON in and JSON out is all that is wanted.
 */
export class KubeClient<Kind extends KubeObject = KubeObject> {
  private readonly agent: http.Agent;
  private readonly request: typeof https.request;

  constructor(readonly access: Access) {
    // Without TLS only `kubectl proxy` and the like answer.
    const { Agent, request } = access.server.startsWith("http:") ? http : https;
    this.request = request;
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 32,
      ...(access.ca && { ca: access.ca }),
      ...(access.cert && { cert: access.cert, key: access.key }),
    });
  }

  get(url: string): Promise<Kind> {
    return this.json("GET", url);
  }

  /** The object, or undefined when there is none (or no such kind). */
  async find(url: string): Promise<Kind | undefined> {
    try {
      return await this.get(url);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list<Listed extends KubeObject = Kind>(url: string): Promise<Listed[]> {
    return (JSON.parse(await this.call("GET", url)) as { items?: Listed[] }).items ?? [];
  }

  create(url: string, object: object): Promise<Kind> {
    return this.json("POST", url, object);
  }

  /** JSON merge patch. */
  patch(url: string, change: object): Promise<Kind> {
    return this.json("PATCH", url, change, "application/merge-patch+json");
  }

  /** Deletes the object if it exists; a missing one is not an error. */
  async remove(url: string, options?: object): Promise<void> {
    try {
      await this.json("DELETE", url, options);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 404)) throw error;
    }
  }

  /** Creates the object unless one of that name is there. */
  async ensure(url: string, object: object): Promise<void> {
    try {
      await this.create(url, object);
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 409)) throw error;
    }
  }

  /** A plain GET, for `/readyz` and the like. */
  text(url: string): Promise<string> {
    return this.call("GET", url);
  }

  close(): void {
    this.agent.destroy();
  }

  private async json(method: string, url: string, body?: object, type?: string): Promise<Kind> {
    return JSON.parse(await this.call(method, url, body, type));
  }

  private call(method: string, url: string, body?: object, type = "application/json"): Promise<string> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const sent = this.open(method, url, payload && { type, length: payload.length }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(text);
          else reject(failure(method, url, status, text));
        });
      });
      sent.on("error", reject);
      sent.setTimeout(20_000, () => sent.destroy(new Error(`${method} ${url}: no answer in 20 s`)));
      sent.end(payload);
    });
  }

  /** A request whose answer is read as it comes; `watch` uses it. */
  open(
    method: string,
    url: string,
    body: { type: string; length: number } | undefined,
    onResponse: (response: http.IncomingMessage) => void,
  ) {
    return this.request(
      new URL(url, this.access.server),
      {
        method,
        agent: this.agent,
        headers: {
          accept: "application/json",
          // Node sends the body of a DELETE without a length unless told.
          ...(body && { "content-type": body.type, "content-length": body.length }),
          ...(this.access.token && { authorization: `Bearer ${this.access.token}` }),
        },
      },
      onResponse,
    );
  }
}

function failure(method: string, url: string, status: number, text: string): KubeError {
  try {
    const answer = JSON.parse(text);
    return new KubeError(status, answer.reason ?? "", answer.message ?? text);
  } catch {
    return new KubeError(status, "", `${method} ${url}: ${status} ${text.slice(0, 200)}`);
  }
}
