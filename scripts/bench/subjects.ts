import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@inference-platform/kit";
import { parse, stringify } from "yaml";
import type { Subject } from "./measure";

/** Packages of the SDK that the sources below a folder import, sorted. */
function sdkImports(root: string): string[] {
  const sources = readdirSync(join(root, "components"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "components", file), "utf8"));
  const text = [...sources, readFileSync(join(root, "index.ts"), "utf8")].join("\n");
  // Types alone are not loaded when the program runs.
  const found = [...text.matchAll(/^import (?!type )[^;]*? from "(@pulumi\/[^"]+)";/gms)].map(
    (match) => match[1],
  );
  return [...new Set(found.filter((name) => name !== undefined))].sort();
}

/** A program that loads the same packages as the project's and makes one resource: what any program has to pay. */
export function oneResource(root: string, temporary: string): Subject {
  const directory = join(temporary, "one-resource");
  mkdirSync(directory, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  const imports = sdkImports(root).map((name) => `import ${JSON.stringify(name)};`);
  const program = [
    ...imports,
    'import { Vpc } from "@pulumi/aws/ec2/vpc";',
    'export const vpc = new Vpc("vpc", { cidrBlock: "10.0.0.0/16" }).id;',
    "",
  ].join("\n");
  writeFileSync(join(directory, "index.ts"), program);
  writeFileSync(join(directory, "Pulumi.yaml"), stringify({ name: "one-resource", main: "index.ts" }));
  const config = { config: { "aws:region": "us-east-1" } };
  writeFileSync(join(directory, "Pulumi.bench.yaml"), stringify(config));
  return { name: "one resource", directory, stack: "bench" };
}

interface StackFile {
  config: Record<string, Record<string, unknown>>;
}

/** The project's staging stack with this many inference services, each with one replica on one GPU. */
export function withServices(root: string, temporary: string, count: number): Subject {
  const file = parse(readFileSync(join(root, "Pulumi.staging.yaml"), "utf8")) as StackFile;
  const model = file.config["inference-platform:model"] as { services?: { name: string }[] } | undefined;
  const gpu = file.config["inference-platform:gpu"];
  const [template] = model?.services ?? [];
  if (!model || !template || !gpu) throw new UserError("Pulumi.staging.yaml has no service to multiply.");
  model.services = Array.from({ length: count }, (_, at) => ({
    ...structuredClone(template),
    name: `${template.name}-${at + 1}`,
    replicas: { min: 1, max: 1 },
    exposed: at === 0,
  }));
  gpu.maxNodes = Math.max(count, 1);
  const stackFile = join(temporary, `Pulumi.services-${count}.yaml`);
  writeFileSync(stackFile, stringify(file));
  return { name: `${count} services`, directory: root, stack: "staging", stackFile };
}
