/** Highest idle timeout of an Application Load Balancer, seconds. Source: ELB guide, `idle_timeout.timeout_seconds`. */
export const idleTimeoutLimit = 4000;
