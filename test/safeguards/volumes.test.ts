import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { prometheusValues } from "../../components/observability/prometheus-values";
import type { ClusterConnection } from "../../components/safeguards/connection";
import { growClaims, refuseShrinking, shrinks, sizeChanges } from "../../components/safeguards/volumes";
import { Api } from "../support/api-server";

const valuesOf = (storageGiB: number) =>
  prometheusValues({ retentionDays: 7, storageGiB, scrapeIntervalSeconds: 15, storageClass: "gp3" });
const update = (from: number, to: number) =>
  ({
    oldInputs: { name: "stack", namespace: "monitoring", values: valuesOf(from) },
    newInputs: { name: "stack", namespace: "monitoring", values: valuesOf(to) },
  }) as unknown as pulumi.ResourceHookArgs;

describe("sizes of volumes in values", () => {
  it("are found where charts have them, and compared as Kubernetes reads them", () => {
    const of = (size: string) => ({ a: { dataStorage: { requestedSize: size, enabled: true } }, size });
    expect(sizeChanges(of("10Gi"), of("20Gi"))).toEqual([
      { path: "a.dataStorage.requestedSize", from: "10Gi", to: "20Gi" },
    ]);
    expect(sizeChanges(of("1Gi"), of("1024Mi"))).toEqual([]);
    expect(shrinks({ from: "1Ti", to: "1000Gi" })).toBe(true);
    expect(shrinks({ from: "1G", to: "1Gi" })).toBe(false);
    // What comes or goes is no change of a size.
    expect(sizeChanges({}, of("10Gi"))).toEqual([]);
  });
});

describe("a release whose volumes change", () => {
  const claims = "/api/v1/namespaces/monitoring/persistentvolumeclaims";
  const operator = "/apis/monitoring.coreos.com/v1/namespaces/monitoring";
  let api: Api;
  let cluster: ClusterConnection;
  beforeEach(async () => {
    api = new Api();
    cluster = await api.start();
    vi.spyOn(pulumi.log, "info").mockResolvedValue();
    const stored = (name: string, storage: string, release = "stack") => ({
      metadata: { name, annotations: { "meta.helm.sh/release-name": release } },
      spec: { storage: { volumeClaimTemplate: { spec: { resources: { requests: { storage } } } } } },
    });
    api.lists[`${operator}/prometheuses`] = [stored("main", "60Gi"), stored("other", "60Gi", "another")];
    api.lists[`${operator}/alertmanagers`] = [stored("main", "1Gi")];
    const claim = (name: string, storage: string) => ({
      metadata: { name },
      spec: { resources: { requests: { storage } } },
    });
    api.lists[claims] = [
      claim("prometheus-main-db-prometheus-main-0", "30Gi"),
      claim("prometheus-main-db-prometheus-main-shard-1-0", "30Gi"),
      claim("prometheus-other-db-prometheus-other-0", "30Gi"),
      claim("alertmanager-main-db-alertmanager-main-0", "1Gi"),
    ];
    for (const { metadata } of api.lists[claims] as { metadata: { name: string } }[]) {
      api.objects[`${claims}/${metadata.name}`] = { metadata };
    }
  });
  afterEach(() => {
    api.stop();
    vi.restoreAllMocks();
  });

  it("grows the claims of its own Prometheus, on every shard, and no others", async () => {
    await growClaims(cluster, update(30, 60));
    expect(api.changes).toEqual([
      `PATCH ${claims}/prometheus-main-db-prometheus-main-0`,
      `PATCH ${claims}/prometheus-main-db-prometheus-main-shard-1-0`,
    ]);
  });

  it("is left alone when no size changes", async () => {
    await growClaims(cluster, update(30, 30));
    expect(api.calls).toEqual([]);
  });

  it("is refused before anything happens when one would shrink", () => {
    expect(() => refuseShrinking(update(60, 30))).toThrow(
      /stack: a volume cannot shrink from 60Gi to 30Gi \(prometheus\.prometheusSpec\.storageSpec/,
    );
    expect(() => refuseShrinking(update(30, 60))).not.toThrow();
    expect(() => refuseShrinking({ newInputs: {} } as unknown as pulumi.ResourceHookArgs)).not.toThrow();
  });
});
