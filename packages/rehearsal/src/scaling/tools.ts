import { findProgram } from "@inference-platform/kit";

/** The programs that only `--scaling` runs, and where each is published. */
export const scalingToolSources = {
  prometheus: "https://prometheus.io/download (2.42 or newer), or Debian's package prometheus",
  "prometheus-adapter":
    "https://github.com/kubernetes-sigs/prometheus-adapter (v0.12.0: make prometheus-adapter)",
  "llm-d-inference-sim": "https://github.com/llm-d/llm-d-inference-sim (make build)",
} as const;

type Name = keyof typeof scalingToolSources;
export type ScalingTools = Record<Name, string>;

/** What was found, and a message that names each missing program with its source. */
export interface ScalingToolSearch {
  tools: Partial<ScalingTools>;
  /** Empty when nothing is missing. */
  missing: string;
}

/** Looks for the programs where the other programs of a rehearsal are looked for. */
export function findScalingTools(env: NodeJS.ProcessEnv): ScalingToolSearch {
  const tools: Partial<ScalingTools> = {};
  const missing: string[] = [];
  for (const [name, source] of Object.entries(scalingToolSources) as [Name, string][]) {
    const file = findProgram(name, env);
    if (file) tools[name] = file;
    else missing.push(`  ${name.padEnd(24)} ${source}`);
  }
  const head =
    "--scaling also needs these programs, on PATH, in INFERENCE_PLATFORM_TOOLS or in the cache folder:";
  return { tools, missing: missing.length > 0 ? [head, ...missing].join("\n") : "" };
}
