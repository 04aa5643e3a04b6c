import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import { diffPlans, markdownDiff, type Plan, planStack } from "@inference-platform/planner";
import { parse, stringify } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: a stack file as it is written, changed here and there
export type StackConfig = any;

/** A typical change of a stack's settings, for tests and for the documentation. */
export interface Example {
  stack: string;
  change: (config: StackConfig) => void;
}

const key = (name: string) => `inference-platform:${name}`;

/** Changes that reviewers see, by name. */
export const examples: Record<string, Example> = {
  "model-swap": {
    stack: "prod",
    change: (config) => {
      const [chat] = config[key("model")].services;
      chat.model.id = "Qwen/Qwen2.5-32B-Instruct-AWQ";
      chat.model.weightsGiB = 19.3;
    },
  },
  "engine-version": {
    stack: "staging",
    change: (config) => {
      config[key("model")].services[0].version = "0.30.1";
    },
  },
  "instance-type": {
    stack: "prod",
    change: (config) => {
      config[key("gpu")].instanceTypes = ["g6e.4xlarge"];
      config[key("monthlyBudget")] = 30_000;
    },
  },
  "network-cidr": {
    stack: "staging",
    change: (config) => {
      config[key("network")].cidr = "10.8.0.0/16";
    },
  },
  "gpu-ceiling": {
    stack: "staging",
    change: (config) => {
      config[key("gpu")].maxNodes = 4;
      config[key("model")].services[0].replicas.max = 4;
      config[key("monthlyBudget")] = 4000;
    },
  },
  "redis-persistence-off": {
    stack: "staging",
    change: (config) => {
      config[key("redis")].persistence = false;
    },
  },
  "kubernetes-version": {
    stack: "staging",
    change: (config) => {
      config[key("cluster")].version = "1.36";
    },
  },
  "new-service": {
    stack: "prod",
    change: (config) => {
      config[key("model")].services.push({
        name: "embed",
        engine: "vllm",
        version: "0.30.0",
        model: { id: "BAAI/bge-m3", weightsGiB: 2.3, maxLength: 8192 },
        gpus: 1,
        replicas: { min: 2, max: 2 },
        longestRequestSeconds: 30,
      });
      config[key("gpu")].maxNodes = 8;
      config[key("monthlyBudget")] = 25_000;
    },
  },
  "redis-removed": {
    stack: "staging",
    change: (config) => {
      config[key("redis")].enabled = false;
      config[key("model")].services[0].redis = false;
    },
  },
  "more-callers": {
    stack: "prod",
    change: (config) => {
      config[key("ingress")].inboundCidrs = ["203.0.113.0/24", "198.51.100.0/24"];
      config[key("cluster")].publicAccessCidrs = ["203.0.113.0/24", "198.51.100.0/24"];
    },
  },
  "public-ingress": {
    stack: "staging",
    change: (config) => {
      config[key("ingress")] = {
        enabled: true,
        scheme: "internet-facing",
        inboundCidrs: ["0.0.0.0/0"],
        tls: true,
        domain: "llm.example.com",
        hostedZoneId: "Z0123456789EXAMPLE",
      };
    },
  },
};

/** Plans a stack of the project in `directory` with changed settings. */
export async function planChanged(
  directory: string,
  stack: string,
  change: (config: StackConfig) => void = () => {},
  charts?: string,
): Promise<Plan> {
  const folder = mkdtempSync(join(tmpdir(), "inference-platform-example-"));
  try {
    const file = parse(readFileSync(join(directory, `Pulumi.${stack}.yaml`), "utf8"));
    change(file.config);
    const stackFile = join(folder, `Pulumi.${stack}.yaml`);
    writeFileSync(stackFile, stringify(file));
    return await planStack({ directory, stack, stackFile, charts });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Writes the comments that the named examples give, as Markdown files. To renew those of the documentation:
 * `npx tsx test/support/changed-stacks.ts docs/diff instance-type network-cidr redis-persistence-off`
 */
async function main([folder = "", ...names]: string[]): Promise<void> {
  const directory = projectRoot;
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const example = examples[name];
    if (!example) throw new Error(`no example ${name}; there are ${Object.keys(examples).join(", ")}`);
    try {
      const base = await planChanged(directory, example.stack);
      const head = await planChanged(directory, example.stack, example.change);
      writeFileSync(join(folder, `${name}.md`), markdownDiff(diffPlans(base, head)));
    } catch (error) {
      process.stderr.write(`${name}: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}

if (require.main === module) void main(process.argv.slice(2));
