import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate, PlanBackend, SimulatedAws } from "@inference-platform/planner";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import * as components from "../../components";
import { ApiKind } from "../../scripts/docs/read";
import { compiled } from "../support/compile";
import { publicApi, publicExamples } from "../support/public-api";

/** What the examples of the documentation share, as docs/api/README.md says. */
const cast = `
  import { Provider } from "@pulumi/kubernetes";
  import * as components from "inference-platform/components";
  declare global {
    const provider: Provider;
    const network: components.Network;
    const cluster: components.Cluster;
    const prometheus: components.Prometheus;
    const pool: components.GpuPool;
    const chat: components.ServiceContract;
  }
`;
const pool = components.gpuPool({ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 3 });
const chat = components.serviceContract(
  {
    name: "chat",
    namespace: "llm",
    engine: { name: "vllm", version: "0.30.0" },
    model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2 },
    replicas: { min: 1, max: 3 },
    longestRequestSeconds: 120,
  },
  pool,
);

/** A module with imports of the public names that the text uses and does not define. */
function withImports(text: string): string {
  const used = publicApi.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`).test(text));
  const defines = (name: string) =>
    new RegExp(`\\b(const|import) (${name}\\b|\\{[^}]*\\b${name}\\b[^}]*\\})`).test(text);
  const imported = used.filter((name) => !defines(name));
  return [
    'import * as pulumi from "@pulumi/pulumi";',
    `import { ${imported.join(", ")} } from "inference-platform/components";`,
    text,
    "export {};",
  ].join("\n");
}

const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
const ofReadme = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((block) => block[1] ?? "");

/** What a reader of an example may get wrong, by the right spelling. */
const misspelt: Record<string, string> = {
  longestRequestSeconds: "longestRequest",
  weightsGiB: "weightsGib",
  "min: 1": "minimum: 1",
  allowFrom: "allowedFrom",
  '"vllm"': '"vlllm"',
  maxNodes: "maxNode",
  replicas: "replica",
};

describe("the documentation's examples", () => {
  let found: Record<string, string[]>;
  beforeAll(() => {
    const service = publicExamples.InferenceService ?? "";
    const sources = {
      ...publicExamples,
      ...Object.fromEntries(ofReadme.map((text, index) => [`README ${index + 1}`, text])),
      ...Object.fromEntries(
        Object.entries(misspelt).map(([right, wrong]) => [wrong, service.replace(right, wrong)]),
      ),
    };
    const programs = Object.entries(sources).map(([name, text]) => [name, withImports(text)]);
    found = compiled({ cast, ...Object.fromEntries(programs) });
  }, 120_000);

  it.each(Object.keys(publicExamples))("%s has one, which compiles", (name) => {
    expect(publicExamples[name], "give its doc comment an @example").not.toBe("");
    expect(found[name]).toEqual([]);
  });

  it("in README compile, the one service in ten lines", () => {
    expect(ofReadme).toHaveLength(1);
    expect(ofReadme[0]?.trim().split("\n").length).toBeLessThanOrEqual(10);
    expect(found["README 1"]).toEqual([]);
  });

  it.each(Object.values(misspelt))("do not compile with a misspelt argument: %s", (wrong) => {
    expect(found[wrong]?.join("\n")).toContain(wrong.replace(": 1", "").replaceAll('"', ""));
  });
});

/** Runs an example as it stands, with these names. */
function run(code: string, names: Record<string, unknown>): void {
  const { outputText } = ts.transpileModule(`{ ${code.replaceAll("export ", "")} }`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  new Function(...Object.keys(names), outputText)(...Object.values(names));
}

describe("the results that examples name", () => {
  const claims = Object.entries(publicExamples).filter(([, code]) => code.includes("// →"));

  it.each(claims)("%s", async (_, code) => {
    const same = (value: unknown, claimed: unknown) =>
      typeof claimed === "object" && claimed !== null
        ? expect(value).toMatchObject(claimed)
        : expect(value).toEqual(claimed);
    run(code.replace(/^(.+); \/\/ → (.+)$/gm, "same($1, $2);"), { ...components, pool, chat, same });
  });

  it("are there for every function without resources", () => {
    expect(claims.length).toBeGreaterThan(30);
  });
});

describe("an example of a component is refused by nothing", () => {
  const made = publicApi.filter(({ kind }) => kind === ApiKind.Component).map(({ name }) => name);

  it.each(made)("%s", async (name) => {
    const backend = new PlanBackend(new SimulatedAws({ region: "us-east-1" }));
    const context = { project: "somebody-elses", stack: "test", config: {} };
    const { monitor } = await evaluate(backend, context, async () => {
      const { Cluster, Network, Prometheus } = components;
      const place = { clusterName: "cast", region: "us-east-1" };
      const network = new Network("cast-network", { ...place, zones: ["us-east-1a", "us-east-1b"] });
      const subnetIds = network.controlPlaneSubnetIds;
      const cluster = new Cluster("cast-cluster", { ...place, subnetIds });
      const { provider } = cluster;
      const prometheus = new Prometheus(
        "cast-prometheus",
        { namespace: "cast", retentionDays: 7, storageGiB: 20, scrapeIntervalSeconds: 15, grafana: false },
        { provider },
      );
      run(publicExamples[name] ?? "", { ...components, network, cluster, provider, prometheus, pool, chat });
    });
    const types = monitor.recorded.map(({ type }) => type);
    expect(types).toContain(`inference-platform:index:${name}`);
  });
});
