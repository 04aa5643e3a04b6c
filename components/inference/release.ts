import { relative, sep } from "node:path";
import { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { releaseTimeout } from "../budgets/budgets";
import { after } from "../common/outputs";
import { refuse } from "../common/refuse";
import type { InferenceReleaseArgs } from "./release-args";
import { releaseProblems } from "./release-checks";
import { serviceSelector, serviceValues } from "./values";

/** Version of the chart beside this file. */
const chartVersion = "0.1.0";

/**
 * One model behind one Service: our chart as a Helm release. Name of release, Deployment and Service are the
 * component's name; changing it replaces everything.
 *
 * @example
 * ```ts
 * // Two replicas that nothing scales.
 * const { profile, model, startup, drain, rollout } = chat;
 * const release = new InferenceRelease(
 *   "chat",
 *   {
 *     namespace: "llm",
 *     pool,
 *     gpusPerReplica: 1,
 *     profile,
 *     model,
 *     startup,
 *     drain,
 *     rollout,
 *     replicas: { scaled: false, minReplicas: 2, maxReplicas: 2 },
 *     metrics: {},
 *     allowedNamespaces: ["web"],
 *     loadBalancerCidrs: [],
 *     prometheusNamespace: "monitoring",
 *   },
 *   { provider },
 * );
 * export const url = release.url;
 * ```
 */
export class InferenceRelease extends pulumi.ComponentResource {
  /** Name of the Deployment; whoever uses it waits for the release. */
  readonly deploymentName: pulumi.Output<string>;
  /** Name of the Service, the same. */
  readonly serviceName: pulumi.Output<string>;
  /** Port of the API, on the Service and the pods. */
  readonly servicePort: pulumi.Output<number>;
  /** Namespace of everything. */
  readonly namespace: pulumi.Output<string>;
  /** Address inside the cluster, `http://name.namespace.svc:port`. */
  readonly url: pulumi.Output<string>;
  /** Labels that select the pods. */
  readonly selectorLabels: pulumi.Output<Record<string, string>>;
  /** The release itself, for what its outputs do not say. */
  readonly release: Release;

  constructor(name: string, args: InferenceReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    // In stacks of earlier programs its type is InferenceService …
    const before = { type: "inference-platform:index:InferenceService" };
    super(
      "inference-platform:index:InferenceRelease",
      name,
      {},
      pulumi.mergeOptions(opts, { aliases: [before] }),
    );
    refuse(this, name, releaseProblems(name, args));

    this.release = new Release(
      `${name}-release`,
      {
        name,
        namespace: args.namespace,
        chart: chartPath(),
        version: chartVersion,
        values: serviceValues(args),
        timeout: releaseTimeout(args.startup, args.drain, args.replicas.maxReplicas),
        // A roll-back would hide why the pods failed, and take as long as the update: every GPU pod starts again.
        atomic: false,
        // The new pods stay after a failed update, and read ConfigMaps that the clean-up would delete.
        cleanupOnFail: false,
        maxHistory: 5,
      },
      // … and that of what is its parent today.
      { parent: this, aliases: opts?.parent ? [{ parent: opts.parent }] : [] },
    );

    const { release } = this;
    this.deploymentName = release.name;
    this.serviceName = release.name;
    this.namespace = release.namespace;
    this.servicePort = after(args.profile.port, [release.name]);
    this.url = release.namespace.apply((namespace) => `http://${name}.${namespace}.svc:${args.profile.port}`);
    this.selectorLabels = after(serviceSelector(name), [release.name]);
    this.registerOutputs({
      deploymentName: this.deploymentName,
      serviceName: this.serviceName,
      servicePort: this.servicePort,
      namespace: this.namespace,
      url: this.url,
      selectorLabels: this.selectorLabels,
    });
  }
}

/**
 * The chart's folder, relative to the working directory, which is the project's for program and provider alike: an
 * absolute path would differ between two people's machines and show as a change.
 */
function chartPath(): string {
  const path = relative(process.cwd(), `${__dirname}${sep}chart`).split(sep).join("/");
  return path.startsWith("..") ? path : `./${path}`;
}
