import { Token } from "../aws/tokens";
import { range } from "../plan/formats/figures";
import type { PlannedResource } from "../plan/types";
import { kubernetesKind } from "./kubernetes";

/** The inputs that are shown, of whatever type. */
interface Shown {
  addonVersion?: string;
  availabilityZone?: string;
  capacityType?: string;
  chart?: string;
  cidrBlock?: string;
  instanceTypes?: string[];
  name?: string;
  policyArn?: string;
  principalArn?: string;
  scalingConfig?: { minSize?: number; maxSize?: number };
  spec?: { minReplicas?: number; maxReplicas?: number; rules?: { host?: string }[] };
  version?: string;
}

/** The few figures by which a reviewer knows a resource that comes or goes; undefined when its name says it all. */
export function figuresOf(resource: PlannedResource | undefined): string | undefined {
  if (!resource) return undefined;
  const text = describe(resource);
  return text === "" ? undefined : text;
}

function describe({ type, inputs }: PlannedResource): string {
  const of = inputs as Shown;
  switch (type) {
    case Token.Vpc:
    case Token.Subnet:
      return join(of.cidrBlock, of.availabilityZone);
    case Token.NodeGroup: {
      const { minSize = 1, maxSize = 1 } = of.scalingConfig ?? {};
      return join(
        of.instanceTypes?.join(", "),
        `${range({ floor: minSize, ceiling: maxSize })} nodes`,
        of.capacityType,
      );
    }
    case Token.Cluster:
      return join(of.version && `Kubernetes ${of.version}`);
    case Token.Addon:
      return join(of.addonVersion);
    case Token.RolePolicyAttachment:
      return join(of.policyArn);
    case Token.AccessPolicyAssociation:
      return join(of.policyArn, of.principalArn);
    case Token.Record:
    case Token.LogGroup:
      return join(of.name);
    case "kubernetes:helm.sh/v3:Release":
      return join(`chart ${of.chart}`, of.version);
  }
  const kind = kubernetesKind(type);
  if (kind === "HorizontalPodAutoscaler") {
    const { minReplicas = 1, maxReplicas = 1 } = of.spec ?? {};
    return `${range({ floor: minReplicas, ceiling: maxReplicas })} replicas`;
  }
  if (kind === "Ingress") return join(...(of.spec?.rules ?? []).map((rule) => rule.host));
  return "";
}

const join = (...parts: unknown[]) =>
  parts.filter((part) => typeof part === "string" && part !== "").join(", ");
