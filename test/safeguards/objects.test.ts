import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClusterConnection } from "../../components/safeguards/connection";
import { isGuardedObject, ownerAnnotation, takeAway } from "../../components/safeguards/objects";
import { Api } from "../support/api-server";

const ingress = "/apis/networking.k8s.io/v1/namespaces/inference/ingresses/chat";
const owned = (owner?: string) => ({
  metadata: { name: "chat", annotations: owner === undefined ? {} : { [ownerAnnotation]: owner } },
});

describe("an object that is about to be made", () => {
  let api: Api;
  let cluster: ClusterConnection;
  beforeEach(async () => {
    api = new Api();
    cluster = await api.start();
    api.objects["/apis/networking.k8s.io/v1"] = {
      resources: [
        { name: "ingresses", kind: "Ingress", namespaced: true },
        { name: "ingresses/status", kind: "Ingress", namespaced: true },
      ],
    };
    vi.spyOn(pulumi.log, "info").mockResolvedValue();
    vi.spyOn(pulumi.log, "debug").mockResolvedValue();
  });
  afterEach(() => {
    api.stop();
    vi.restoreAllMocks();
  });

  const make = (metadata: object = { ...owned("parent chat").metadata, namespace: "inference" }) =>
    takeAway(cluster, {
      urn: "urn:chat",
      id: "",
      name: "chat",
      type: "kubernetes:networking.k8s.io/v1:Ingress",
      newInputs: { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata },
    });

  it("finds the one that a killed run of the same resource left taken away, and gone", async () => {
    api.objects[ingress] = owned("parent chat");
    await make();
    expect(api.changes).toEqual([`DELETE ${ingress}`]);
    expect(api.calls.at(-1)).toBe(`GET ${ingress}`);
  });

  it("leaves what another resource made, or nobody known", async () => {
    for (const other of [owned("parent other"), owned()]) {
      api.objects[ingress] = other;
      await make();
    }
    expect(api.changes).toEqual([]);
  });

  it("is made without further ado when there is none, when it has no name, and when the cluster does not answer", async () => {
    api.objects[ingress] = undefined;
    await make();
    await make({});
    api.status = 401;
    await make();
    expect(api.changes).toEqual([]);
  });
});

describe("what is guarded", () => {
  const guarded = (type: string, kind: string, metadata: unknown = {}) =>
    isGuardedObject({ custom: true, type, name: "x", props: { apiVersion: "v1", kind, metadata }, opts: {} });

  it("are objects that hold nothing which cannot be made again", () => {
    expect(guarded("kubernetes:networking.k8s.io/v1:Ingress", "Ingress")).toBe(true);
    expect(guarded("kubernetes:core/v1:Secret", "Secret")).toBe(true);
    expect(guarded("kubernetes:core/v1:Namespace", "Namespace")).toBe(false);
    expect(guarded("kubernetes:core/v1:PersistentVolumeClaim", "PersistentVolumeClaim")).toBe(false);
  });

  it("are no changes of what others made, and nothing but objects", () => {
    expect(guarded("kubernetes:core/v1:ConfigMapPatch", "ConfigMap")).toBe(false);
    const release = { custom: true, type: "kubernetes:helm.sh/v3:Release", name: "x", props: {}, opts: {} };
    expect(isGuardedObject(release)).toBe(false);
  });
});
