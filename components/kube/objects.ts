import type { KubeObject } from "./client";

/** A condition of an object's status, such as `Ready`. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** An object whose status has conditions. */
interface Conditional extends KubeObject {
  status?: { conditions?: Condition[] };
}

export function conditionOf({ status }: Conditional, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** How a container ended. */
export interface Termination {
  exitCode: number;
  reason?: string;
  message?: string;
}

export interface ContainerStatus {
  name: string;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: Termination };
  lastState?: { terminated?: Termination };
}

/** A pod, as much of it as says why it does not run. */
export interface Pod extends KubeObject {
  spec: {
    nodeName?: string;
    nodeSelector?: Record<string, string>;
    volumes?: { persistentVolumeClaim?: { claimName: string } }[];
  };
  status?: {
    phase?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface Node extends KubeObject {
  status?: { allocatable?: Record<string, string> };
}

export interface Claim extends KubeObject {
  spec?: { resources?: { requests?: { storage?: string } } };
  status?: { phase?: string };
}

export interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject: { kind?: string; name?: string; uid?: string };
  lastTimestamp?: string;
  eventTime?: string;
  series?: { lastObservedTime?: string };
}

export interface Secret extends KubeObject {
  /** Base64. */
  data?: Record<string, string>;
}
