import { gzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClusterConnection } from "../../components/safeguards/connection";
import { explain, settle } from "../../components/safeguards/releases";
import { Api } from "../support/api-server";

const secrets = "/api/v1/namespaces/inference/secrets";
const newInputs = { name: "chat", namespace: "inference" };

function record(revision: number, status: string, description = ""): object {
  const packed = gzipSync(JSON.stringify({ info: { status, description } })).toString("base64");
  return {
    metadata: { name: `chat.v${revision}`, labels: { owner: "helm", status, version: String(revision) } },
    data: { release: Buffer.from(packed).toString("base64") },
  };
}

describe("the safeguards of a release", () => {
  let api: Api;
  let cluster: ClusterConnection;
  let said: string[];
  beforeEach(async () => {
    const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
    await pulumi.runtime.setMocks(mocks, "inference-platform", "test", false, "acme");
    api = new Api();
    cluster = await api.start();
    said = [];
    for (const level of ["info", "error"] as const) {
      vi.spyOn(pulumi.log, level).mockImplementation(async (text) => {
        said.push(text);
      });
    }
  });
  afterEach(() => {
    api.stop();
    vi.restoreAllMocks();
  });
  const create = { newInputs } as unknown as pulumi.ResourceHookArgs;
  const update = { newInputs, oldInputs: newInputs } as unknown as pulumi.ResourceHookArgs;
  const failed = (...errors: string[]) => ({ newInputs, errors }) as unknown as pulumi.ErrorHookArgs;

  it("deletes the record of an interrupted installation before the next one", async () => {
    api.lists[secrets] = [record(1, "pending-install")];
    await settle(cluster, create);
    expect(api.changes).toEqual([`DELETE ${secrets}/chat.v1`]);
  });

  it("marks an interrupted upgrade as failed before the next one", async () => {
    api.lists[secrets] = [record(1, "deployed"), record(2, "pending-upgrade")];
    await settle(cluster, update);
    expect(api.changes).toEqual([`PATCH ${secrets}/chat.v2`]);
  });

  it("takes over what this stack installed when the engine ended before it could record it", async () => {
    api.lists[secrets] = [record(1, "deployed", "Managed by the Pulumi stack acme/inference-platform/prod")];
    await settle(cluster, create);
    expect(api.changes).toEqual([]);
    api.lists[secrets] = [record(1, "deployed", "Managed by the Pulumi stack acme/inference-platform/test")];
    await settle(cluster, create);
    expect(api.changes).toEqual([`DELETE ${secrets}/chat.v1`]);
  });

  it("changes nothing when there is nothing to settle", async () => {
    api.lists[secrets] = [record(1, "deployed")];
    await settle(cluster, update);
    await settle(cluster, create);
    expect(api.changes).toEqual([]);
  });

  it("leaves the word to helm when the cluster cannot be looked at", async () => {
    api.status = 403;
    await expect(settle(cluster, create)).resolves.toBeUndefined();
  });

  it("asks for one credential for many releases at once", async () => {
    let asked = 0;
    const counting = new ClusterConnection(() => {
      asked++;
      return JSON.stringify({
        "current-context": "c",
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:1" } }],
        users: [{ name: "u", user: { token: "t" } }],
      });
    });
    const clients = await Promise.all([counting.client(), counting.client(), counting.client()]);
    expect(new Set(clients).size).toBe(1);
    expect(asked).toBe(1);
  });

  it("never retries, and says why a release failed", async () => {
    api.lists["/api/v1/pods"] = [
      {
        metadata: {
          name: "chat-1",
          namespace: "inference",
          labels: { "app.kubernetes.io/instance": "chat" },
        },
        spec: {},
        status: {
          phase: "Pending",
          containerStatuses: [{ name: "engine", state: { waiting: { reason: "ErrImagePull" } } }],
        },
      },
    ];
    expect(await explain(cluster, failed("context deadline exceeded"))).toBe(false);
    expect(said).toEqual(["inference/chat:\n  pod chat-1: engine waits: ErrImagePull"]);
  });

  it("says nothing where it knows nothing", async () => {
    await explain(cluster, failed("chart not found"));
    expect(said).toEqual([]);
  });

  it("says what to do about a release of somebody else", async () => {
    await explain(cluster, failed("cannot re-use a name that is still in use"));
    expect(said.join()).toMatch(/helm -n inference uninstall chat/);
  });

  it("tells expired credentials from a cluster that is not there", async () => {
    api.status = 401;
    await explain(cluster, failed("Unauthorized"));
    expect(said.pop()).toMatch(/refuses the credentials of this run: Unauthorized/);
    api.stop();
    await explain(cluster, failed("connection refused"));
    expect(said.pop()).toMatch(/could not be asked why: (.*ECONNREFUSED|socket hang up)/);
  });
});
