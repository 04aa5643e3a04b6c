import type { Release } from "@pulumi/kubernetes/helm/v3";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../common/refuse";
import type { ServiceAddressOutputs } from "../platform/outputs";
import { HorizontalAutoscaler } from "../scaling/horizontal-autoscaler";
import { requiredAdapterRules } from "../scaling/required-rules";
import { metricsTiming } from "../signals/timing";
import { type ServiceContract, serviceContract } from "./contract";
import { InferenceRelease } from "./release";
import type { InferenceServiceArgs } from "./service-args";
import { serviceProblems } from "./service-checks";
import { autoscalerArgs, releaseArgs } from "./service-parts";

/**
 * One model, or one HTTP server, behind one Service, with its autoscaler. Name of release, Deployment, Service and
 * autoscaler are the component's name; changing it replaces everything.
 *
 * It is made of an `InferenceRelease` and a `HorizontalAutoscaler`, which can be used on their own.
 *
 * @example
 * ```ts
 * const pool = gpuPool({ name: "l4", instanceTypes: ["g6.xlarge"], maxNodes: 3 });
 * const chat = new InferenceService(
 *   "chat",
 *   {
 *     namespace: "llm",
 *     pool,
 *     engine: { name: "vllm", version: "0.30.0" },
 *     model: { id: "Qwen/Qwen2.5-3B-Instruct", weightsGiB: 6.2 },
 *     replicas: { min: 1, max: 3 },
 *     longestRequestSeconds: 120,
 *     allowFrom: ["web"],
 *   },
 *   { provider },
 * );
 * export const { url, adapterRules } = chat;
 * ```
 */
export class InferenceService extends pulumi.ComponentResource {
  /** Address inside the cluster, `http://name.namespace.svc:port`. */
  readonly url: pulumi.Output<string>;
  /** Name of the Service, the same as that of the Deployment and of the autoscaler. */
  readonly serviceName: pulumi.Output<string>;
  /** Port of the API, on the Service and the pods. */
  readonly servicePort: pulumi.Output<number>;
  /** Namespace of everything. */
  readonly namespace: pulumi.Output<string>;
  /** The four above in one, as other stacks get them. */
  readonly address: pulumi.Output<ServiceAddressOutputs>;
  /** Labels that select the pods. */
  readonly selectorLabels: pulumi.Output<Record<string, string>>;
  /** What a prometheus-adapter that somebody else installs must know, as values of its chart in YAML. */
  readonly adapterRules: pulumi.Output<string>;
  /** The service as plain data, for what has to know several: `adapterRules`, `requiredAdapterRules`. */
  readonly contract: pulumi.Output<ServiceContract>;
  /** The helm release, for what the other outputs do not say. */
  readonly release: Release;

  constructor(name: string, args: InferenceServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:InferenceService", name, {}, opts);
    refuse(this, name, serviceProblems(name, args));
    const contract = serviceContract({ ...args, name, namespace: "" }, args.pool);
    const deployed = new InferenceRelease(name, releaseArgs(args, contract), { parent: this });
    new HorizontalAutoscaler(name, autoscalerArgs(contract, deployed.namespace, deployed.deploymentName), {
      parent: this,
      // In stacks of earlier programs it stands beside the service.
      aliases: [{ parent: opts?.parent ?? pulumi.rootStackResource }],
    });

    this.url = deployed.url;
    this.serviceName = deployed.serviceName;
    this.servicePort = deployed.servicePort;
    this.namespace = deployed.namespace;
    this.selectorLabels = deployed.selectorLabels;
    this.release = deployed.release;
    this.address = pulumi.output({
      namespace: this.namespace,
      serviceName: this.serviceName,
      port: this.servicePort,
      url: this.url,
    });
    this.contract = pulumi.output(args.namespace).apply((namespace) => ({ ...contract, namespace }));
    const { rateWindowSeconds } = metricsTiming(args.metrics?.scrapeIntervalSeconds);
    this.adapterRules = this.contract.apply((own) => requiredAdapterRules([own], [], rateWindowSeconds).yaml);
    this.registerOutputs({
      url: this.url,
      serviceName: this.serviceName,
      servicePort: this.servicePort,
      namespace: this.namespace,
      selectorLabels: this.selectorLabels,
      adapterRules: this.adapterRules,
      contract: this.contract,
    });
  }
}
