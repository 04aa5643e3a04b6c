import { classParams } from "../cost/load-balancers";
import { dollars } from "../money";
import { describeObject, namespaceOf, type PlannedObject, type PodSpec, podLabels, podOf } from "../objects";
import { scaledTargets } from "../placement";
import type { Manifest } from "../types";
import { type Check, CheckStatus } from "../types";
import { counted, type Facts, verdict } from "./facts";

/** Longest window that the API server takes, seconds. */
const longestWindow = 3600;

/** Timeouts as rendered hold together: drain, start-up, load balancer, scale-down. */
export function budgets({ objects }: Facts): Check {
  const scaled = scaledTargets(objects);
  const workloads = objects.filter(
    ({ manifest }) =>
      manifest.kind === "Deployment" &&
      scaled.some(
        (target) => target.name === manifest.metadata.name && target.namespace === namespaceOf(manifest),
      ),
  );
  const problems = [
    ...workloads.flatMap((object) => podProblems(object)),
    ...objects.filter(({ manifest }) => manifest.kind === "HorizontalPodAutoscaler").flatMap(windowProblems),
    ...objects
      .filter(({ manifest }) => manifest.kind === "Ingress")
      .flatMap((ingress) => ingressProblems(ingress, objects)),
  ];
  return verdict(
    "budgets",
    problems,
    "Let the start-up and drain budgets derive these values, or change the override.",
    `${counted(workloads.length, "scaled workload")}: grace ≥ preStop + drain, progress deadline > start-up, scale-down window ≥ 300 s, load balancer in line`,
  );
}

/** Seconds that a pod waits before it is told to stop, and gets to finish its requests. */
export function drainOf(pod: PodSpec): { preStop: number; drain: number; grace: number } {
  const of = (read: (container: PodSpec["containers"][number]) => number) =>
    Math.max(0, ...pod.containers.map(read));
  return {
    preStop: of((container) => {
      const hook = container.lifecycle?.preStop;
      const command = hook?.exec?.command?.join(" ") ?? "";
      return hook?.sleep?.seconds ?? Number(/\bsleep (\d+)/.exec(command)?.[1] ?? 0);
    }),
    drain: of((container) => {
      const line = [...(container.command ?? []), ...(container.args ?? [])].join(" ");
      return Number(/--(?:shutdown-timeout|exit-timeout-secs)[= ](\d+)/.exec(line)?.[1] ?? 0);
    }),
    grace: pod.terminationGracePeriodSeconds ?? 30,
  };
}

function podProblems(object: PlannedObject): string[] {
  const pod = podOf(object.manifest);
  if (!pod) return [];
  const name = describeObject(object);
  const { preStop, drain, grace } = drainOf(pod);
  const deadline = Number(
    (object.manifest.spec as { progressDeadlineSeconds?: number }).progressDeadlineSeconds ?? 600,
  );
  const startup = Math.max(
    0,
    ...pod.containers.map(({ startupProbe: probe }) =>
      probe
        ? (probe.initialDelaySeconds ?? 0) + (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3)
        : 0,
    ),
  );
  return [
    ...(grace < preStop + drain
      ? [`${name}: terminationGracePeriodSeconds ${grace} < preStop ${preStop} + drain ${drain}`]
      : []),
    ...(deadline <= startup
      ? [`${name}: progressDeadlineSeconds ${deadline} ≤ start-up probe ${startup}`]
      : []),
  ];
}

function windowProblems(object: PlannedObject): string[] {
  const { behavior } = object.manifest.spec as {
    behavior?: { scaleDown?: { stabilizationWindowSeconds?: number } };
  };
  const window = behavior?.scaleDown?.stabilizationWindowSeconds ?? 300;
  if (window >= 300 && window <= longestWindow) return [];
  return [
    `${describeObject(object)}: scale-down window ${window} s, a starting replica would be taken for an idle one`,
  ];
}

/** `a=1,b=2` of an annotation, or key and value pairs of the class parameters. */
function attribute(
  ingress: PlannedObject,
  objects: PlannedObject[],
  list: "loadBalancer" | "targetGroup",
  key: string,
) {
  const annotation = list === "loadBalancer" ? "load-balancer-attributes" : "target-group-attributes";
  const text = ingress.manifest.metadata.annotations?.[`alb.ingress.kubernetes.io/${annotation}`] ?? "";
  const params = classParams(ingress, objects) as Record<
    string,
    { key: string; value: string }[] | undefined
  >;
  const fromClass = params[
    list === "loadBalancer" ? "loadBalancerAttributes" : "targetGroupAttributes"
  ]?.find((entry) => entry.key === key)?.value;
  const fromText = text
    .split(",")
    .map((pair) => pair.trim().split("="))
    .find(([name]) => name === key)?.[1];
  const value = fromClass ?? fromText;
  return value === undefined ? undefined : Number(value);
}

function ingressProblems(ingress: PlannedObject, objects: PlannedObject[]): string[] {
  const idle = attribute(ingress, objects, "loadBalancer", "idle_timeout.timeout_seconds") ?? 60;
  const delay = attribute(ingress, objects, "targetGroup", "deregistration_delay.timeout_seconds") ?? 300;
  return backends(ingress, objects).flatMap((backend) => {
    const pod = podOf(backend.manifest);
    if (!pod) return [];
    const { drain, grace } = drainOf(pod);
    const name = `${describeObject(ingress)} → ${backend.manifest.metadata.name}`;
    return [
      ...(idle <= drain
        ? [`${name}: idle timeout ${idle} s ≤ drain ${drain} s, long requests would be cut`]
        : []),
      ...(delay > grace ? [`${name}: deregistration delay ${delay} s > termination grace ${grace} s`] : []),
    ];
  });
}

interface IngressBackend {
  service?: { name?: string };
}

/** Deployments behind the Services of an Ingress. */
function backends({ manifest }: PlannedObject, objects: PlannedObject[]): PlannedObject[] {
  const spec = manifest.spec as {
    defaultBackend?: IngressBackend;
    rules?: { http?: { paths?: { backend?: IngressBackend }[] } }[];
  };
  const all = (spec.rules ?? []).flatMap((rule) => (rule.http?.paths ?? []).map((path) => path.backend));
  const services = new Set([...all, spec.defaultBackend].map((backend) => backend?.service?.name));
  const inNamespace = objects.filter((object) => namespaceOf(object.manifest) === namespaceOf(manifest));
  const selectors = inNamespace
    .filter((object) => object.manifest.kind === "Service" && services.has(object.manifest.metadata.name))
    .map((object) => (object.manifest.spec as { selector?: Record<string, string> }).selector ?? {});
  return inNamespace.filter(
    (object) =>
      object.manifest.kind === "Deployment" &&
      selectors.some((selector) => selects(selector, object.manifest)),
  );
}

function selects(selector: Record<string, string>, manifest: Manifest): boolean {
  const labels = podLabels(manifest);
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** What an autoscaler scales renders no number of replicas: two owners would fight over it at every deployment. */
export function hpaOwnsReplicas({ objects }: Facts): Check {
  const targets = scaledTargets(objects);
  const problems = targets.flatMap((target) => {
    const found = objects.find(
      ({ manifest }) =>
        manifest.kind === target.kind &&
        manifest.metadata.name === target.name &&
        namespaceOf(manifest) === target.namespace,
    );
    const name = `${target.kind} ${target.namespace}/${target.name}`;
    if (!found) return [`${name} is scaled, and nothing creates it`];
    const replicas = (found.manifest.spec as { replicas?: number } | undefined)?.replicas;
    return replicas === undefined ? [] : [`${name} is scaled, and renders replicas: ${replicas}`];
  });
  return verdict(
    "hpa-owns-replicas",
    problems,
    "Leave out replicas where an autoscaler sets them.",
    counted(targets.length, "autoscaler"),
  );
}

/** The ceiling of the bill is within the stack's `monthlyBudget`. */
export function monthlyBudget({ cost, config }: Facts): Check {
  const id = "monthly-budget";
  const ceiling = dollars(cost.monthly.ceiling);
  const unknown =
    cost.unknown.length > 0 ? `, without ${cost.unknown.join(", ")}, whose price is not known` : "";
  if (config.monthlyBudget === undefined) {
    return {
      id,
      status: CheckStatus.Pass,
      detail: `no monthlyBudget set; the ceiling is ${ceiling}${unknown}`,
    };
  }
  const budget = Number(config.monthlyBudget);
  if (cost.monthly.ceiling > budget) {
    return {
      id,
      status: CheckStatus.Fail,
      detail: `the ceiling is ${ceiling} a month, the budget ${dollars(budget)}. Lower gpu.maxNodes or replicas.max, or raise monthlyBudget.`,
    };
  }
  const status = unknown ? CheckStatus.Warn : CheckStatus.Pass;
  return { id, status, detail: `the ceiling is ${ceiling} a month of ${dollars(budget)}${unknown}` };
}
