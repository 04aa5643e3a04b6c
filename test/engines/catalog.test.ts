import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultVersions,
  Engine,
  type EngineRequest,
  engineCatalog,
  engineProblems,
  engineProfile,
  SeriesKind,
} from "../../components/engines";
import { compareVersions, parseVersion } from "../../components/engines/version";
import { SignalName } from "../../components/signals/names";

const catalogEngines = Object.keys(engineCatalog) as Engine[];

function request(engine: Engine, overrides: Partial<EngineRequest> = {}): EngineRequest {
  return {
    engine,
    version: defaultVersions[engine],
    modelId: engine === Engine.Triton ? "/models" : "Qwen/Qwen2.5-7B-Instruct",
    gpus: 1,
    drainSeconds: 120,
    ...overrides,
  };
}

const nlu: EngineRequest = request(Engine.Custom, {
  version: "1.2.0",
  gpus: 0,
  custom: {
    image: "ghcr.io/example/siamese-uninlu:1.2.0",
    port: 7860,
    healthPath: "/health",
    metricsPath: "/metrics",
    apiPaths: ["/predict"],
  },
});

describe("the engine catalog", () => {
  it.each(catalogEngines)("answers for the version of %s that is shipped", (engine) => {
    const profile = engineProfile(request(engine));
    expect(profile.image).toMatch(/^[\w./-]+:[\w.-]*\d[\w.-]*$/);
    expect(profile.image).toContain(engine === Engine.Triton ? "26.07" : defaultVersions[engine]);
    expect(profile.runAsUser).toBeGreaterThan(0);
    expect(profile.writablePaths).toContain("/tmp");
    expect(profile.metricsPath).toBe("/metrics");
    for (const path of profile.apiPaths) expect("/metrics".startsWith(path)).toBe(false);
  });

  it("has ranges in order and without overlap", () => {
    for (const entry of Object.values(engineCatalog))
      entry.rows.forEach((row, index) => {
        const from = parseVersion(row.from);
        const until = parseVersion(row.until);
        const next = parseVersion(entry.rows[index + 1]?.from ?? row.until);
        if (!from || !until || !next) throw new Error(`malformed range ${row.from} to ${row.until}`);
        expect(compareVersions(from, until)).toBeLessThan(0);
        expect(compareVersions(until, next)).toBeLessThanOrEqual(0);
      });
  });

  it("makes every signal from series of one kind, ratios and quantiles from one series", () => {
    for (const entry of Object.values(engineCatalog))
      for (const row of entry.rows)
        for (const source of Object.values(row.signals)) {
          const kinds = new Set(source.series.map((series) => series.kind));
          expect(kinds.size).toBe(1);
          if (kinds.has(SeriesKind.Histogram)) expect(source.series).toHaveLength(1);
        }
  });

  it("never computes a signal from a series that the same version deprecates", () => {
    for (const entry of Object.values(engineCatalog))
      for (const row of entry.rows)
        for (const source of Object.values(row.signals))
          for (const series of source.series) expect(row.deprecatedSeries[series.name]).toBeUndefined();
  });

  it("has no series in common between two ways of computing a signal: the adapter could not tell them apart", () => {
    const ways = new Map<string, string>();
    for (const entry of Object.values(engineCatalog))
      for (const row of entry.rows)
        for (const [signal, source] of Object.entries(row.signals))
          for (const series of source.series) {
            const key = `${signal} from ${series.name}`;
            const way = JSON.stringify(source);
            expect(ways.get(key) ?? way, key).toBe(way);
            ways.set(key, way);
          }
  });

  it("orders versions as numbers", () => {
    const part = fc.nat({ max: 200 });
    fc.assert(
      fc.property(part, part, part, part, (major, a, b, patch) => {
        const left = parseVersion(`${major}.${a}.${patch}`);
        const right = parseVersion(`${major}.${b}.${patch}`);
        if (!left || !right) throw new Error("did not parse");
        expect(Math.sign(compareVersions(left, right))).toBe(Math.sign(a - b));
      }),
    );
  });
});

describe("vLLM over its versions", () => {
  const kvCache = (version: string) =>
    engineProfile(request(Engine.Vllm, { version })).signals[SignalName.KvCacheUtilization]?.series[0]?.name;

  it("reads the KV cache from the name that the version exports", () => {
    expect(kvCache("0.8.5")).toBe("vllm:gpu_cache_usage_perc");
    expect(kvCache("0.9.0")).toBe("vllm:kv_cache_usage_perc");
    expect(kvCache("0.30.0")).toBe("vllm:kv_cache_usage_perc");
  });

  it("says which series a version deprecates and what replaces it", () => {
    const { deprecatedSeries } = engineProfile(request(Engine.Vllm, { version: "0.11.0" }));
    expect(deprecatedSeries["vllm:gpu_cache_usage_perc"]).toBe("vllm:kv_cache_usage_perc");
    expect(deprecatedSeries["vllm:time_per_output_token_seconds"]).toBe("vllm:inter_token_latency_seconds");
  });

  it("drains from 0.18, where the flag appeared, for as long as asked", () => {
    const old = engineProfile(request(Engine.Vllm, { version: "0.17.2" }));
    const now = engineProfile(request(Engine.Vllm, { version: "0.18.0", drainSeconds: 90 }));
    expect(old.drains).toBe(false);
    expect(old.args.join(" ")).not.toContain("shutdown-timeout");
    expect(now.drains).toBe(true);
    expect(now.args).toContain("--shutdown-timeout=90");
  });

  it("names model, served name, parallelism and limits once", () => {
    const { args } = engineProfile(
      request(Engine.Vllm, {
        servedName: "chat",
        gpus: 4,
        maxModelLength: 8192,
        maxConcurrency: 64,
        modelRevision: "abc",
      }),
    );
    expect(args[0]).toBe("Qwen/Qwen2.5-7B-Instruct");
    expect(args).toEqual(
      expect.arrayContaining([
        "--served-model-name=chat",
        "--tensor-parallel-size=4",
        "--max-model-len=8192",
        "--max-num-seqs=64",
        "--revision=abc",
      ]),
    );
    expect(new Set(args.map((argument) => argument.split("=")[0])).size).toBe(args.length);
  });

  it("runs as a user without an entry in the image: name and home are given", () => {
    const profile = engineProfile(request(Engine.Vllm));
    const env = Object.fromEntries(profile.env.map(({ name, value }) => [name, value]));
    expect(env.USER).toBeTruthy();
    expect(profile.writablePaths).toContain(env.HOME);
    for (const folder of ["HF_HOME", "VLLM_CACHE_ROOT", "TORCHINDUCTOR_CACHE_DIR"])
      expect(env[folder]).toMatch(new RegExp(`^${profile.cachePath}/`));
  });

  it.each(["--disable-log-stats", "--disable_log_stats"])(
    "has no metrics when %s switches them off",
    (flag) => {
      const profile = engineProfile(request(Engine.Vllm, { extraArgs: [flag] }));
      expect(profile.metricsPath).toBeUndefined();
    },
  );
});

describe("SGLang", () => {
  it("always exports metrics", () => {
    expect(engineProfile(request(Engine.Sglang)).args).toContain("--enable-metrics");
  });

  it.each(["0.5.1", "0.5.5"])(
    "%s is not restarted because it is busy: its health waits for the engine",
    (version) => {
      const profile = engineProfile(request(Engine.Sglang, { version }));
      expect([profile.readinessPath, profile.livenessPath]).toEqual(["/health", "/metrics"]);
    },
  );

  it.each(["0.5.6", "0.5.18"])("%s generates nothing when it is asked for its health", (version) => {
    const profile = engineProfile(request(Engine.Sglang, { version }));
    expect(profile.env).toContainEqual({ name: "SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION", value: "false" });
  });
});

describe("what is in a cache that a claim may keep", () => {
  // vllm/envs.py, compile_factors: the versions between write every VLLM_ variable into cache_key_factors.json.
  it.each([
    ["0.11.2", "/cache/vllm"],
    ["0.12.0", "/home/engine/vllm"],
    ["0.28.0", "/home/engine/vllm"],
    ["0.29.0", "/cache/vllm"],
    ["0.30.0", "/cache/vllm"],
  ])("vLLM %s has its compile cache in %s", (version, folder) => {
    const profile = engineProfile(request(Engine.Vllm, { version }));
    expect(profile.env).toContainEqual({ name: "VLLM_CACHE_ROOT", value: folder });
    expect(profile.writablePaths).toContain("/home/engine");
  });
});

describe("connections that are idle", () => {
  // Longest idle timeout of a load balancer: 4000 s. What an engine keeps for less, it closes under a request.
  it.each([
    [Engine.Vllm, "0.9.1", "VLLM_HTTP_TIMEOUT_KEEP_ALIVE"],
    [Engine.Vllm, "0.30.0", "VLLM_HTTP_TIMEOUT_KEEP_ALIVE"],
    [Engine.Sglang, "0.5.10", "SGLANG_TIMEOUT_KEEP_ALIVE"],
    [Engine.Sglang, "0.5.18", "SGLANG_TIMEOUT_KEEP_ALIVE"],
  ])("%s %s keeps them for longer than a load balancer can", (engine, version, variable) => {
    const profile = engineProfile(request(engine, { version }));
    const value = profile.env.find(({ name }) => name === variable)?.value;
    expect(Number(value)).toBeGreaterThan(4000);
    expect(profile.keepAliveSeconds).toBe(Number(value));
  });

  it.each([
    [Engine.Vllm, "0.9.0", 5],
    [Engine.Sglang, "0.5.9", 5],
    [Engine.Tgi, "3.0.1", 0],
    [Engine.Triton, "26.7.0", 0],
  ])("%s %s has no setting for it: %i", (engine, version, seconds) => {
    expect(engineProfile(request(engine, { version })).keepAliveSeconds).toBe(seconds);
  });
});

describe("a server of one's own", () => {
  it("gets the defaults of its description", () => {
    const profile = engineProfile(nlu);
    expect(profile).toMatchObject({
      port: 7860,
      metricsPort: 7860,
      readinessPath: "/health",
      runAsUser: 1000,
    });
    expect(profile.signals).toEqual({});
  });
});

describe("what is refused", () => {
  const custom = (change: object): EngineRequest => ({
    ...nlu,
    custom: { ...nlu.custom, ...change } as never,
  });
  it.each<[string, EngineRequest, string, RegExp]>([
    [
      "a newer version",
      request(Engine.Vllm, { version: "0.99.0" }),
      "version",
      /0\.18\.0 ≤ version < 0\.31\.0/,
    ],
    [
      "an older version",
      request(Engine.Vllm, { version: "0.6.2" }),
      "version",
      /cannot run as a non-root user/,
    ],
    [
      "a TGI image that needs root",
      request(Engine.Tgi, { version: "3.3.5" }),
      "version",
      /Python under \/root/,
    ],
    [
      "a version that is a word",
      request(Engine.Vllm, { version: "latest" }),
      "version",
      /must be major\.minor\.patch/,
    ],
    [
      "a version with a v",
      request(Engine.Vllm, { version: "v0.30.0" }),
      "version",
      /must be major\.minor\.patch/,
    ],
    ["no GPU for a GPU engine", request(Engine.Vllm, { gpus: 0 }), "gpus", /at least 1/],
    ["half a GPU", request(Engine.Sglang, { gpus: 0.5 }), "gpus", /whole number/],
    ["no model", request(Engine.Vllm, { modelId: "" }), "modelId", /name a model/],
    ["the port twice", request(Engine.Vllm, { extraArgs: ["--port=9"] }), "extraArgs[0]", /platform sets/],
    [
      "a key in clear text",
      request(Engine.Vllm, { extraArgs: ["--api-key", "x"] }),
      "extraArgs[0]",
      /platform sets/,
    ],
    ["a server without description", request(Engine.Custom), "custom", /must describe/],
    [
      "a description for vLLM",
      { ...request(Engine.Vllm), custom: nlu.custom as never },
      "custom",
      /only for engine custom/,
    ],
    [
      "an engine that is not known",
      request("ollama" as Engine),
      "engine",
      /vllm, sglang, tgi, triton, custom/,
    ],
    ["a floating tag", custom({ image: "me/nlu:latest" }), "custom.image", /exact tag/],
    ["no tag", custom({ image: "localhost:5000/nlu" }), "custom.image", /exact tag/],
    ["a privileged port", custom({ port: 80 }), "custom.port", /need root/],
    ["root", custom({ runAsUser: 0 }), "custom.runAsUser", /from 1 to .*no pod that runs as root/],
    ["no path for clients", custom({ apiPaths: [] }), "custom.apiPaths", /at least one/],
    [
      "the metrics open to clients",
      custom({ apiPaths: ["/"] }),
      "custom.apiPaths[0]",
      /must not open the metrics/,
    ],
    [
      "signals without metrics",
      custom({ metricsPath: undefined, signals: { a: { series: [] } } }),
      "custom.signals",
      /metricsPath/,
    ],
  ])("%s", (_what, bad, path, message) => {
    const problems = engineProblems(bad);
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(problems.find((problem) => problem.path === path)?.message).toMatch(message);
    expect(() => engineProfile(bad)).toThrow(message);
  });

  it("reports everything at once", () => {
    expect(engineProblems(request(Engine.Vllm, { version: "9.9.9", gpus: 0, modelId: "" }))).toHaveLength(3);
  });
});
