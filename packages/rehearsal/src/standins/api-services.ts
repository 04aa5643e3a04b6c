import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { ControlPlane } from "../control-plane";
import { path } from "../kube/client";
import type { StandIn } from "./standin";

/** Namespace of the objects that the rehearsal itself needs in the cluster. */
export const rehearsalNamespace = "rehearsal";

const apiServices = path("apiregistration.k8s.io/v1", "apiservices");
const serviceName = "aggregated-apis";

/**
 * Answers for the aggregated APIs whose servers are pods that do not really run: without an answer the API server
 * could not delete any namespace. It answers with no metrics, so that autoscalers hold.
 */
export class AggregatedApis implements StandIn {
  readonly name = "aggregated APIs";
  readonly playing = "metrics-server and Prometheus Adapter as API servers: they answer, and have no metrics";
  private readonly port: number;

  private constructor(private readonly server: Server) {
    const address = server.address();
    this.port = typeof address === "object" && address ? address.port : 0;
  }

  /** Starts the server on a free port, with the certificate of the API server. */
  static async start(plane: ControlPlane, files: { cert: string; key: string }): Promise<AggregatedApis> {
    const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
    const server = createServer(tls, (request, response) => {
      const body = answer(new URL(request.url ?? "/", "https://localhost").pathname);
      response.writeHead(body ? 200 : 404, { "content-type": "application/json" });
      response.end(
        JSON.stringify(body ?? { kind: "Status", apiVersion: "v1", status: "Failure", code: 404 }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await plane.client.ensure(path("v1", "namespaces"), { metadata: { name: rehearsalNamespace } });
    const started = new AggregatedApis(server);
    await plane.client.ensure(path("v1", "services", rehearsalNamespace), {
      metadata: { name: serviceName },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port: started.port }] },
    });
    return started;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  reconcile: StandIn["reconcile"] = async (stage) => {
    for (const entry of stage.apiServices.all) {
      const service = entry.spec.service;
      if (!service || entry.metadata.deletionTimestamp || service.namespace === rehearsalNamespace) continue;
      await stage.client.patch(`${apiServices}/${entry.metadata.name}`, {
        spec: {
          service: { namespace: rehearsalNamespace, name: serviceName, port: this.port },
          insecureSkipTLSVerify: true,
          caBundle: null,
        },
      });
      stage.note(entry.metadata.name);
    }
  };
}

/** In a cluster of the user's no server of ours can be reached: there the registrations go as they appear. */
export const removedApis: StandIn = {
  name: "aggregated APIs",
  playing:
    "metrics-server and Prometheus Adapter as API servers: their registrations are deleted as they appear",
  async reconcile(stage) {
    for (const entry of stage.apiServices.all) {
      if (!entry.spec.service || entry.metadata.deletionTimestamp) continue;
      await stage.client.remove(`${apiServices}/${entry.metadata.name}`);
      stage.note(entry.metadata.name);
    }
  },
};

/** Discovery of any group version, and empty lists of what is in it. */
function answer(url: string): object | undefined {
  const [root, group, version, ...rest] = url.split("/").filter(Boolean);
  if (root !== "apis" || !group || !version) return undefined;
  const groupVersion = `${group}/${version}`;
  if (rest.length > 0) return { kind: "List", apiVersion: groupVersion, metadata: {}, items: [] };
  const metrics = group === "metrics.k8s.io";
  const resource = (name: string, kind: string, namespaced: boolean) => ({
    name,
    kind,
    namespaced,
    singularName: "",
    verbs: ["get", "list"],
  });
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: metrics ? [resource("nodes", "NodeMetrics", false), resource("pods", "PodMetrics", true)] : [],
  };
}
