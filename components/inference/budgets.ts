/** How long a new replica may take, and every timeout derived from it. Seconds. */
export interface StartupBudget {
  /** Expected time from container start to Ready: weights, compilation, warm-up. */
  startupSeconds: number;
  /** Expected time from pod created to Ready on a node that must first be started: node, image pull, start-up. */
  coldSeconds: number;
  /** Start-up probe: seconds between two tries. */
  probePeriodSeconds: number;
  /** Start-up probe: tries before the container is restarted; period × tries ≥ the worst case. */
  probeFailureThreshold: number;
  /** Deployment `progressDeadlineSeconds`. */
  progressDeadlineSeconds: number;
  /** Helm `timeout`: every replica that is created at first, node provisioning included. */
  helmTimeoutSeconds: number;
  /** HPA scale-down window: ≥ max(300, 1.5 × coldSeconds), at most 3600. */
  scaleDownWindowSeconds: number;
}

/** How long requests may take, and how a replica leaves without losing one. Seconds. */
export interface DrainBudget {
  /** The longest request that must be answered. */
  longestRequestSeconds: number;
  /** Wait before the engine is told to stop, while load balancers take the pod out. */
  preStopSeconds: number;
  /** Time the engine gets to finish what it has. */
  drainSeconds: number;
  /** Pod `terminationGracePeriodSeconds`: ≥ preStop + drain. */
  terminationGraceSeconds: number;
  /** Target group deregistration delay: ≤ preStop + drain. */
  deregistrationDelaySeconds: number;
  /** Load balancer idle timeout: > the longest request, 1 to 4000. */
  idleTimeoutSeconds: number;
}
