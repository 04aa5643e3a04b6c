import type { RedisArgs } from "./args";

/** What the server does with a write when its memory is full. */
export const EvictionPolicy = {
  /** Refuse it. For queues and anything that must not be lost. */
  NoEviction: "noeviction",
  /** Drop the least recently used key. For caches. */
  AllKeysLru: "allkeys-lru",
  /** Drop the least frequently used key. */
  AllKeysLfu: "allkeys-lfu",
  /** Drop any key. */
  AllKeysRandom: "allkeys-random",
  /** Drop the least recently used key of those that expire. */
  VolatileLru: "volatile-lru",
  /** Drop the least frequently used key of those that expire. */
  VolatileLfu: "volatile-lfu",
  /** Drop any key of those that expire. */
  VolatileRandom: "volatile-random",
  /** Drop the key that expires next. */
  VolatileTtl: "volatile-ttl",
} as const;
export type EvictionPolicy = (typeof EvictionPolicy)[keyof typeof EvictionPolicy];

/** Port of the server, of its Service, and in the network policies. */
export const redisPort = 6379;

/** Port of the metrics exporter beside the server. */
export const exporterPort = 9121;

/** Pods of an admitted namespace that carry this label with the value `"true"` may open connections to Redis. */
export const redisClientLabel = "inference-platform/redis-client";

/** The user whose password clients give; the chart requires one of this name, or anybody could connect. */
export const redisUser = "default";

const passwordFolder = "/run/secrets/valkey";

/** The values of the Valkey chart that follow from the arguments. Plain data: the password is only named. */
export function valkeyValues(release: string, passwordSecret: string, args: RedisArgs) {
  return {
    fullnameOverride: release,
    auth: {
      enabled: true,
      usersExistingSecret: passwordSecret,
      aclUsers: { [redisUser]: { permissions: permissions(args.metrics) } },
    },
    valkeyConfig: valkeyConfig(args).join("\n"),
    dataStorage: args.persistence
      ? {
          enabled: true,
          requestedSize: `${args.storageGiB}Gi`,
          className: args.storageClass ?? "gp3",
          // The data outlives the release (a rename, a failed upgrade); it goes with its namespace.
          keepPvc: true,
        }
      : { enabled: false },
    // Two pods cannot hold one ReadWriteOnce volume: a rolling update would wait for ever on another node.
    deploymentStrategy: "Recreate",
    podSecurityContext: { runAsNonRoot: true, fsGroupChangePolicy: "OnRootMismatch" },
    resources: {
      // No CPU limit: the server is one thread, and throttling it stalls every client.
      requests: { cpu: "500m", memory: `${args.memoryMiB}Mi` },
      limits: { memory: `${args.memoryMiB}Mi` },
    },
    initResources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { memory: "64Mi" } },
    ...probes(passwordSecret, args.memoryMiB),
    ...metrics(args),
  };
}

/** What a client may do: everything with data, nothing with the server (`CONFIG SET`, `SHUTDOWN`, `MODULE`, `ACL`). */
function permissions(withMetrics: boolean): string {
  const readings = "+config|get +slowlog|get +slowlog|len +latency|latest +latency|histogram";
  return `~* &* +@all -@admin${withMetrics ? ` ${readings}` : ""}`;
}

/** Memory for data, MiB: 70 % of the limit. The rest is for buffers and for pages copied while a child rewrites the file. */
export function maxMemoryMiB(memoryMiB: number): number {
  return Math.floor(memoryMiB * 0.7);
}

/** Longest time to load the data again after a restart, seconds: 2 minutes for the volume, then 10 MiB/s. */
export function loadSeconds(memoryMiB: number): number {
  return 120 + Math.ceil(maxMemoryMiB(memoryMiB) / 10);
}

function valkeyConfig(args: RedisArgs): string[] {
  return [
    `maxmemory ${maxMemoryMiB(args.memoryMiB)}mb`,
    `maxmemory-policy ${args.evictionPolicy ?? EvictionPolicy.NoEviction}`,
    // The append-only file is the one copy on disk; snapshots beside it would fork and write for nothing.
    'save ""',
    ...(args.persistence ? ["appendonly yes", "appendfsync everysec"] : ["appendonly no"]),
  ];
}

/**
 * Start-up and readiness ask with the password: the server refuses strangers even while it loads, and valkey-cli counts
 * any answer as success, so that the chart's own probe would call a loading server ready.
 */
function probes(passwordSecret: string, memoryMiB: number) {
  const ping = `VALKEYCLI_AUTH="$(cat ${passwordFolder}/${redisUser})" valkey-cli ping | grep -qx PONG`;
  const exec = { command: ["sh", "-c", ping] };
  const periodSeconds = 5;
  const failureThreshold = Math.ceil(loadSeconds(memoryMiB) / periodSeconds);
  return {
    startupProbe: {
      enabled: true,
      customProbe: { exec, periodSeconds, timeoutSeconds: 5, failureThreshold },
    },
    readinessProbe: {
      enabled: true,
      customProbe: { exec, periodSeconds, timeoutSeconds: 5, failureThreshold: 3 },
    },
    // Any answer will do here: a server that is only slow must not be restarted.
    livenessProbe: { enabled: true, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    extraValkeySecrets: [{ name: passwordSecret, mountPath: passwordFolder }],
  };
}

function metrics(args: RedisArgs) {
  if (!args.metrics) return {};
  return {
    metrics: {
      enabled: true,
      exporter: {
        securityContext: {
          runAsNonRoot: true,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "128Mi" } },
      },
      serviceMonitor: { enabled: true },
    },
  };
}
