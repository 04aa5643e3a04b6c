import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { helmPath } from "@inference-platform/planner";
import { parseAllDocuments } from "yaml";

/** A rendered Kubernetes object; tests read it by path. */
// biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds, read as a reader of the YAML would
export type Rendered = any;

/** The chart of the inference services. */
export const inferenceChart = resolve(__dirname, "../../components/inference/chart");

/** Runs helm. What it prints on stderr is the message of the error that is thrown when it fails. */
export function helm(args: string[], input = ""): string {
  try {
    return execFileSync(helmPath(), args, { encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr || String(error));
  }
}

/** The objects that a chart renders, hooks included. */
export function helmTemplate(
  chart: string,
  release: string,
  namespace: string,
  values: unknown,
  capabilities: string[] = [],
): Rendered[] {
  const apis = capabilities.flatMap((api) => ["--api-versions", api]);
  const text = helm(
    [
      "template",
      release,
      chart,
      "--namespace",
      namespace,
      "--kube-version",
      "1.35.0",
      "--values",
      "-",
      ...apis,
    ],
    JSON.stringify(values),
  );
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered)
    .filter(Boolean);
}
