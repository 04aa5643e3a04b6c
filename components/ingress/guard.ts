import * as pulumi from "@pulumi/pulumi";
import { hasEngine } from "../safeguards/engine";

/** As much of IngressClassParams as says what the load balancer is. */
export interface GuardedParams {
  spec?: { scheme?: string; loadBalancerAttributes?: { key: string; value: string }[] };
}

/** True when AWS refuses to delete the load balancer, unless its controller does. */
export function isGuarded({ spec }: GuardedParams): boolean {
  return (spec?.loadBalancerAttributes ?? []).some(
    ({ key, value }) => key === "deletion_protection.enabled" && value === "true",
  );
}

/**
 * Keeps a protected load balancer from being replaced. A scheme cannot be changed: the controller takes the protection
 * off by itself, deletes the load balancer and makes another one, with another host name. Sources:
 * aws-load-balancer-controller#2940 (2022-12-21) and pull request 4860 (2026-07-27).
 */
export function replacementGuard(name: string): Pick<pulumi.CustomResourceOptions, "hooks"> {
  if (!hasEngine()) return {};
  const guard = new pulumi.ResourceHook(`${name}-load-balancer-guard`, ({ oldInputs, newInputs }) =>
    refuseReplacing(oldInputs ?? {}, newInputs ?? {}),
  );
  return { hooks: { beforeUpdate: [guard] } };
}

/** @throws Error when the change would replace a protected load balancer */
export function refuseReplacing(before: GuardedParams, after: GuardedParams): void {
  if (before.spec?.scheme === after.spec?.scheme || !isGuarded(before)) return;
  throw new Error(
    `another scheme (${before.spec?.scheme} to ${after.spec?.scheme}) makes another load balancer, and this one has deletion ` +
      "protection: set deletionProtection false in an up of its own first",
  );
}
