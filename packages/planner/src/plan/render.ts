import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { UserError } from "@inference-platform/kit";
import { type DocumentOptions, type ParseOptions, parse, parseAllDocuments, type SchemaOptions } from "yaml";
import { charts } from "../../../../components/common/charts";
import { helmSource } from "../helm";
import { mask, maskSecrets, type Properties, type RecordedResource, unwrapSecrets } from "../program/monitor";
import { definitionsOf } from "./definitions";
import { secretPlaceholder } from "./stack";
import type { Manifest, PlannedRelease } from "./types";

/** What rendering needs to know. */
export interface RenderOptions {
  /** The project's folder; chart folders are relative to it. */
  directory: string;
  /** Folders with archives of published charts, the first hit wins. */
  charts: string[];
  /** Kubernetes version that the charts see: `1.35.0`. */
  kubeVersion: string;
  /** Path of helm; without one nothing is rendered. */
  helm?: string;
}

/** Helm processes at the same time: they are short, and more than the cores only wait for each other. */
const parallel = 3;

/** A release as the program asked for it, and what helm makes of it. */
export async function renderReleases(
  releases: RecordedResource[],
  options: RenderOptions,
): Promise<PlannedRelease[]> {
  const results: PlannedRelease[] = [];
  const queue = releases.map((release, at) => ({ release, at }));
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      results[next.at] = await renderRelease(next.release, options);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}

async function renderRelease(release: RecordedResource, options: RenderOptions): Promise<PlannedRelease> {
  const inputs = unwrapSecrets(release.inputs) as Properties;
  const planned: PlannedRelease = {
    urn: release.urn,
    name: String(inputs.name ?? release.name),
    namespace: String(inputs.namespace ?? "default"),
    chart: shownChart(String(inputs.chart), options.directory),
    version: String(inputs.version ?? ""),
  };
  planned.version = chartVersion(planned, options.directory);
  const { repo } = (inputs.repositoryOpts ?? {}) as { repo?: string };
  if (repo !== undefined) planned.repository = repo;
  const source = chartPath(inputs, options);
  if (!source) return { ...planned, ...notFound(inputs, options) };
  planned.crds = definitionsOf(source);
  if (options.helm === undefined)
    return { ...planned, skipped: "helm is not installed", fetch: `install helm (${helmSource})` };
  const rendered = await helmTemplate(planned, source, (inputs.values ?? {}) as Properties, options);
  return { ...planned, manifests: parseManifests(rendered, planned.namespace) };
}

/** Charts of the project as `./path` in it: the plan must not depend on where the project is checked out. */
function shownChart(chart: string, directory: string): string {
  const root = `${resolve(directory)}/`;
  const local = resolve(directory, chart);
  if (!local.startsWith(root) || !existsSync(join(local, "Chart.yaml"))) return chart;
  return `./${local.slice(root.length)}`;
}

/** True for a chart that is a folder of the project, or of a package that it has installed. */
export function isOwnChart(release: PlannedRelease): boolean {
  return /^\.\.?\//.test(release.chart) && !release.chart.endsWith(".tgz");
}

/** Version that the chart itself states; of published ones the one that was asked for. */
function chartVersion(release: PlannedRelease, directory: string): string {
  if (!isOwnChart(release)) return release.version;
  const { version } = parse(readFileSync(join(directory, release.chart, "Chart.yaml"), "utf8")) as Properties;
  return String(version);
}

function chartPath(inputs: Properties, options: RenderOptions): string | undefined {
  const chart = String(inputs.chart);
  const local = isAbsolute(chart) ? chart : resolve(options.directory, chart);
  // `chart: redis` beside a folder `redis` means the published chart when a repository is given with it.
  if (!inputs.repositoryOpts && existsSync(local)) return local;
  return options.charts.map((folder) => join(folder, archive(inputs))).find((path) => existsSync(path));
}

function archive(inputs: Properties): string {
  const chart = String(inputs.chart);
  return chart.endsWith(".tgz") ? basename(chart) : `${basename(chart)}-${inputs.version}.tgz`;
}

/** What is said of a chart that is not at hand. */
function notFound(inputs: Properties, options: RenderOptions): { skipped: string; fetch: string } {
  const file = archive(inputs);
  const skipped = `${file} is in no chart folder`;
  if (Object.values(charts).some(({ name, version }) => file === `${name}-${version}.tgz`)) {
    return { skipped, fetch: "npm run tools -- --only charts" };
  }
  const repository = (inputs.repositoryOpts as { repo?: string } | undefined)?.repo;
  const from = repository ? ` --repo ${repository}` : "";
  const folder = options.charts.at(-1)?.replace(homedir(), "~");
  return {
    skipped,
    fetch: `helm pull ${inputs.chart}${from} --version ${inputs.version} --destination ${folder}`,
  };
}

/** APIs of the cluster that helm does not know of by itself. */
const servedApis = [
  // Every API server has it; without it charts fall back on a version that none has had since Kubernetes 1.22.
  "apiregistration.k8s.io/v1",
  "apiregistration.k8s.io/v1/APIService",
  // What the stack itself brings to the cluster before our charts.
  "monitoring.coreos.com/v1",
  "monitoring.coreos.com/v1/ServiceMonitor",
];

function helmTemplate(
  release: PlannedRelease,
  chart: string,
  values: Properties,
  options: RenderOptions,
): Promise<string> {
  const args = ["template", release.name, chart, "--namespace", release.namespace, "--values", "-"];
  args.push("--kube-version", options.kubeVersion);
  for (const api of servedApis) {
    args.push("--api-versions", api);
  }
  return new Promise((done, fail) => {
    const home = join(tmpdir(), `inference-platform-helm-${process.getuid?.() ?? 0}`);
    mkdirSync(home, { recursive: true });
    const env = {
      ...process.env,
      HELM_CACHE_HOME: home,
      HELM_CONFIG_HOME: home,
      HELM_DATA_HOME: home,
      KUBECONFIG: join(home, "none"),
    };
    const helm = spawn(options.helm ?? "helm", args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    helm.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    helm.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    helm.on("error", fail);
    // helm may fail before it has read its values; its own message then says more than a broken pipe.
    helm.stdin.on("error", () => {});
    helm.on("close", (code) => {
      if (code === 0) return done(Buffer.concat(output).toString());
      const message = Buffer.concat(errors).toString().trim();
      fail(new UserError(`helm cannot render the release ${release.name}: ${masked(message)}`));
    });
    helm.stdin.end(JSON.stringify(values));
  });
}

/** As kubectl reads YAML: `0644` is octal, as in 1.1, but `2001-01-01` and `1:30` stay text. */
const yamlOfKubernetes: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: "yaml-1.1",
  customTags: (tags) =>
    tags.filter(
      (tag) =>
        typeof tag === "string" || (tag.tag !== "tag:yaml.org,2002:timestamp" && tag.format !== "TIME"),
    ),
};

/** Objects of helm's output, sorted by kind, namespace and name, with the namespace that helm would install into. */
function parseManifests(rendered: string, namespace: string): Manifest[] {
  const manifests = parseAllDocuments(rendered, yamlOfKubernetes)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest?.kind !== undefined && manifest.metadata?.name !== undefined)
    .map((manifest) => withNamespace(manifest as Manifest, namespace));
  const key = (manifest: Manifest) =>
    [manifest.kind, manifest.metadata.namespace ?? "", manifest.metadata.name].join("\0");
  return manifests.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Kinds without a namespace that charts bring. */
const clusterScoped =
  /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition|Namespace|PriorityClass|StorageClass|IngressClass|IngressClassParams|RuntimeClass|APIService|PersistentVolume|CSIDriver|.*WebhookConfiguration|ValidatingAdmissionPolicy(Binding)?)$/;

function withNamespace(manifest: Manifest, namespace: string): Manifest {
  if (clusterScoped.test(manifest.kind)) return manifest;
  return {
    ...manifest,
    metadata: { ...manifest.metadata, namespace: manifest.metadata.namespace ?? namespace },
  };
}

/** True when the text holds a value that must stay secret. */
export function holdsSecret(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes(secretPlaceholder);
}

/** A copy in which secrets are the text `[secret]`: marked ones, generated ones, and the data of Secret objects. */
export function masked<T>(value: T): T {
  const text = JSON.stringify(maskSecrets(value));
  return text === undefined ? value : (JSON.parse(text.replaceAll(secretPlaceholder, mask)) as T);
}

/** A manifest without secrets. */
export function maskedManifest(manifest: Manifest): Manifest {
  return manifest.kind === "Secret" ? (maskedSecretData(masked(manifest)) as Manifest) : masked(manifest);
}

/** An object of kind Secret with its data hidden, its keys kept. */
export function maskedSecretData(secret: Properties): Properties {
  const hidden = { ...secret };
  for (const field of ["data", "stringData"]) {
    const data = hidden[field];
    if (typeof data !== "object" || data === null) continue;
    hidden[field] = Object.fromEntries(Object.keys(data).map((key) => [key, mask]));
  }
  return hidden;
}
