import { namespaceOf, type PlannedObject } from "../objects";
import type { PlannedResource } from "../types";

/** A load balancer that the controller makes from Ingresses. */
export interface LoadBalancer {
  /** Group of Ingresses that share it, or the one Ingress. */
  name: string;
  internetFacing: boolean;
  /** Subnets that it has addresses in. */
  subnets: number;
}

const annotation = (name: string) => `alb.ingress.kubernetes.io/${name}`;

/** What a plan reads of IngressClassParams. */
export interface ClassParams {
  group?: { name?: string };
  scheme?: string;
  certificateArn?: string[];
  loadBalancerAttributes?: { key: string; value: string }[];
  targetGroupAttributes?: { key: string; value: string }[];
}

/** Parameters of the ingress class of an Ingress; they win over its annotations. */
export function classParams(ingress: PlannedObject, objects: PlannedObject[]): ClassParams {
  const spec = ingress.manifest.spec as { ingressClassName?: string } | undefined;
  const named = (kind: string, name: string | undefined) =>
    objects.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)?.manifest;
  const ingressClass = named("IngressClass", spec?.ingressClassName);
  const parameters = (ingressClass?.spec as { parameters?: { name?: string } } | undefined)?.parameters;
  return (named("IngressClassParams", parameters?.name)?.spec ?? {}) as ClassParams;
}

/** True when the load balancer of the Ingress is reachable from the internet. */
export function isInternetFacing(ingress: PlannedObject, objects: PlannedObject[]): boolean {
  const scheme =
    classParams(ingress, objects).scheme ?? ingress.manifest.metadata.annotations?.[annotation("scheme")];
  return scheme === "internet-facing";
}

/** The load balancers of a plan: Ingresses of one group share one. */
export function loadBalancersOf(objects: PlannedObject[], resources: PlannedResource[]): LoadBalancer[] {
  const zones = new Set(
    resources
      .filter((resource) => resource.type === "aws:ec2/subnet:Subnet")
      .map((resource) => resource.inputs.availabilityZone),
  );
  const balancers = new Map<string, LoadBalancer>();
  for (const object of objects.filter(({ manifest }) => manifest.kind === "Ingress")) {
    const { manifest } = object;
    const group =
      classParams(object, objects).group?.name ?? manifest.metadata.annotations?.[annotation("group.name")];
    const name = group ?? `${namespaceOf(manifest)}/${manifest.metadata.name}`;
    balancers.set(name, {
      name,
      internetFacing: isInternetFacing(object, objects),
      subnets: Math.max(zones.size, 2),
    });
  }
  return [...balancers.values()];
}
