import { describe, expect, it } from "vitest";
import { charts } from "../../components/common/charts";
import type { RedisArgs } from "../../components/redis/args";
import { redisProblems } from "../../components/redis/checks";
import { Redis } from "../../components/redis/redis";
import { EvictionPolicy, loadSeconds, maxMemoryMiB } from "../../components/redis/valkey";
import { chartArchive, withoutChart } from "../support/charts";
import { isSecret, type Properties, record, unwrapSecrets } from "../support/components";
import { helmTemplate, type Rendered } from "../support/helm";
import { restrictedViolations } from "../support/pod-security";

const args: RedisArgs = {
  namespace: "redis",
  admittedNamespaces: [{ name: "inference" }, { name: "agents" }],
  memoryMiB: 512,
  persistence: true,
  storageGiB: 10,
  metrics: true,
};
const thePassword = "p".repeat(40);
const random = {
  resources: {
    "random:index/randomPassword:RandomPassword": () => ({ id: "none", result: thePassword }),
  },
};
const build = (more: Partial<RedisArgs> = {}) =>
  record(() => new Redis("redis", { ...args, ...more }), random);
const secretType = "kubernetes:core/v1:Secret";
const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const releaseType = "kubernetes:helm.sh/v3:Release";

describe("the password", () => {
  it("is a secret wherever it is, and never in the values of the chart", async () => {
    const recording = await build();
    const secrets = recording.ofType(secretType);
    expect(secrets.map((secret) => (secret.inputs.metadata as Properties).name)).toEqual([
      "redis-auth",
      "redis-connection",
      "redis-connection",
    ]);
    for (const secret of secrets) expect(isSecret(secret.inputs.stringData)).toBe(true);
    const others = recording.resources.filter((resource) => resource.type !== secretType);
    expect(JSON.stringify(others.map((resource) => resource.inputs))).not.toContain(thePassword);
  });

  it("survives a URL and a shell", async () => {
    const password = (await build()).one("random:index/randomPassword:RandomPassword");
    expect(password.inputs).toMatchObject({ special: false });
    expect(password.inputs.length).toBeGreaterThanOrEqual(32);
  });
});

describe("the connection", () => {
  it("is a Secret of one name in every admitted namespace, with all that a client needs", async () => {
    const recording = await build();
    for (const { name: namespace } of args.admittedNamespaces) {
      const { inputs } = recording.one(secretType, `redis-connection-${namespace}`);
      expect(inputs.metadata).toMatchObject({ name: "redis-connection", namespace });
      expect(unwrapSecrets(inputs.stringData)).toEqual({
        host: "redis.redis.svc.cluster.local",
        port: "6379",
        username: "default",
        password: thePassword,
        url: `redis://default:${thePassword}@redis.redis.svc.cluster.local:6379`,
      });
    }
    const component = recording.one("inference-platform:index:Redis");
    expect(recording.outputsOf(component.urn)).toEqual({
      host: "redis.redis.svc.cluster.local",
      port: 6379,
      secretName: "redis-connection",
    });
  });
});

describe("the network policies", () => {
  it("admit labelled pods of the named namespaces, Prometheus to the exporter, and let nothing out", async () => {
    const { inputs } = (await build()).one(policyType, "redis-server");
    const client = (namespace: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: { "inference-platform/redis-client": "true" } },
    });
    expect(inputs.spec).toMatchObject({
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [client("inference"), client("agents")], ports: [{ protocol: "TCP", port: 6379 }] },
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
          ports: [{ protocol: "TCP", port: 9121 }],
        },
      ],
    });
    expect(inputs.spec).not.toHaveProperty("egress");
  });

  it("close the exporter's port without metrics", async () => {
    const { inputs } = (await build({ metrics: false })).one(policyType, "redis-server");
    expect(JSON.stringify(inputs)).not.toContain("9121");
  });

  it("open a closed namespace for clients, and leave its other pods alone", async () => {
    const { inputs } = (await build()).one(policyType, "redis-client-agents");
    expect(inputs.metadata).toMatchObject({ namespace: "agents" });
    expect(inputs.spec).toMatchObject({
      podSelector: { matchLabels: { "inference-platform/redis-client": "true" } },
      policyTypes: ["Egress"],
    });
  });

  it("are there before the server", async () => {
    const recording = await build();
    const release = recording.one(releaseType);
    expect(release.dependencies).toEqual(
      expect.arrayContaining([
        recording.one(policyType, "redis-server").urn,
        recording.one(secretType, "redis-auth").urn,
      ]),
    );
  });
});

describe("the server's memory", () => {
  it("leaves room for the child that rewrites the file", () => {
    expect(maxMemoryMiB(512)).toBe(358);
  });

  it("is loaded within the start-up probe and the Helm timeout", async () => {
    const release = (await build({ memoryMiB: 8192, storageGiB: 24 })).one(releaseType);
    const { startupProbe } = release.inputs.values as Rendered;
    const window = startupProbe.customProbe.periodSeconds * startupProbe.customProbe.failureThreshold;
    expect(window).toBeGreaterThanOrEqual(loadSeconds(8192));
    expect(release.inputs.timeout).toBeGreaterThan(window);
  });
});

describe("refused arguments of Redis", () => {
  it("nobody admitted, which would admit everybody", async () => {
    await expect(build({ admittedNamespaces: [] })).rejects.toThrow(
      /redis: admittedNamespaces \(\[\]\): .*admits everybody/,
    );
  });

  it.each<[Partial<RedisArgs>, string, RegExp]>([
    [{ memoryMiB: 32 }, "memoryMiB", /from 64 to 65536/],
    [{ memoryMiB: 4096, storageGiB: 10 }, "storageGiB", /at least 12.*3 times the memory of 4096 MiB/],
    [{ evictionPolicy: "lru" as EvictionPolicy }, "evictionPolicy", /noeviction, allkeys-lru/],
    [{ admittedNamespaces: [{ name: "a" }, { name: "a" }] }, "admittedNamespaces[1].name", /twice/],
  ])("%j", (more, path, message) => {
    expect(redisProblems({ ...args, ...more })).toEqual([
      expect.objectContaining({ path, message: expect.stringMatching(message) }),
    ]);
  });

  it("but not a small volume that is not used", () => {
    expect(redisProblems({ ...args, persistence: false, storageGiB: 0 })).toEqual([]);
  });
});

const archive = chartArchive(charts.valkey);
describe.skipIf(!archive)(`the Valkey chart ${archive ? "" : withoutChart(charts.valkey)}`, () => {
  const renderings = new Map<string, ReturnType<typeof renderNow>>();
  /** Rendered once per set of arguments: helm takes a tenth of a second. */
  const render = (more: Partial<RedisArgs> = {}) => {
    const key = JSON.stringify(more);
    const rendering = renderings.get(key) ?? renderNow(more);
    renderings.set(key, rendering);
    return rendering;
  };
  const renderNow = async (more: Partial<RedisArgs>) => {
    const recording = await build(more);
    const release = recording.one(releaseType).inputs;
    const objects = helmTemplate(archive ?? "", String(release.name), "redis", release.values, [
      "monitoring.coreos.com/v1",
    ]);
    const kind = (name: string) =>
      objects.filter((object) => object.kind === name && !object.metadata.annotations?.["helm.sh/hook"]);
    return { recording, kind, pod: kind("Deployment")[0].spec.template };
  };

  it("makes a pod that the level restricted admits, exporter included", async () => {
    const { pod } = await render();
    expect(pod.spec.containers).toHaveLength(2);
    expect(restrictedViolations(pod.spec)).toEqual([]);
  });

  it("makes pods, and a Service on the named host, that policy and budget select", async () => {
    const { recording, pod, kind } = await render();
    const policy = recording.one(policyType, "redis-server").inputs.spec as Rendered;
    const budget = recording.one("kubernetes:policy/v1:PodDisruptionBudget").inputs.spec as Rendered;
    expect(pod.metadata.labels).toMatchObject(policy.podSelector.matchLabels);
    expect(pod.metadata.labels).toMatchObject(budget.selector.matchLabels);
    const service = kind("Service").find((object) => object.metadata.name === "redis");
    expect(service.spec.ports).toEqual([expect.objectContaining({ port: 6379 })]);
    expect(pod.metadata.labels).toMatchObject(service.spec.selector);
  });

  it("replaces the pod rather than starting a second one on the same volume, and keeps the volume", async () => {
    const { kind } = await render();
    expect(kind("Deployment")[0].spec.strategy).toEqual({ type: "Recreate" });
    const [claim] = kind("PersistentVolumeClaim");
    expect(claim.spec).toMatchObject({
      storageClassName: "gp3",
      resources: { requests: { storage: "10Gi" } },
    });
    expect(claim.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
  });

  it("turns the settings into the server's configuration", async () => {
    const config = async (more: Partial<RedisArgs>) =>
      (await render(more)).kind("ConfigMap").find((map) => map.data["valkey.conf"]).data["valkey.conf"];
    expect(await config({ evictionPolicy: EvictionPolicy.AllKeysLru })).toMatch(
      /maxmemory 358mb\nmaxmemory-policy allkeys-lru\nsave ""\nappendonly yes/,
    );
    const memoryOnly = await render({ persistence: false });
    expect(memoryOnly.kind("PersistentVolumeClaim")).toEqual([]);
    expect(await config({ persistence: false })).toContain("appendonly no");
  });

  it("checks every client's password against the generated Secret, and keeps clients from the server itself", async () => {
    const { kind, pod } = await render();
    const script = kind("ConfigMap").find((map) => map.data["init.sh"]).data["init.sh"];
    expect(script).toContain("aclfile /etc/valkey/users.acl");
    expect(script).toMatch(/user default on #\$PASSHASH ~\* &\* \+@all -@admin/);
    const named = pod.spec.volumes.flatMap((volume: Rendered) => volume.secret?.secretName ?? []);
    expect(new Set(named)).toEqual(new Set(["redis-auth"]));
  });

  it("is Ready only when the server answers its password with PONG", async () => {
    const { pod } = await render();
    const server = pod.spec.containers[0];
    for (const probe of [server.startupProbe, server.readinessProbe]) {
      const [, , script] = probe.exec.command;
      const [, file] = /cat ([^)]*)\)/.exec(script) ?? [];
      const mount = server.volumeMounts.find((one: Rendered) => file?.startsWith(`${one.mountPath}/`));
      const volume = pod.spec.volumes.find((one: Rendered) => one.name === mount.name);
      expect(volume.secret.secretName).toBe("redis-auth");
      expect(script).toMatch(/grep -qx PONG$/);
    }
    expect(server.livenessProbe.exec.command).toEqual(["valkey-cli", "ping"]);
  });
});
