import { criticalPath, latencySeconds, Operation } from "@inference-platform/planner";
import type { EngineResult, StackState } from "./engine";
import type { LatencyReport } from "./report";

/**
 * Compares the wall time of an `up` with the longest chain of resources that wait for each other: what endless
 * parallelism could not shorten. AWS's resources count with their typical duration, those in the cluster with the time
 * that they took here.
 */
export function latencyReport(result: EngineResult, state: StackState, factor: number): LatencyReport {
  const measured = new Map(
    result.steps.map((step) => [step.urn, ((step.ended ?? step.started) - step.started) / 1000]),
  );
  const resources = state.deployment.resources ?? [];
  const links = resources.map(({ urn, type, dependencies = [], provider }) => ({
    urn,
    type,
    // A provider reference ends with the provider's id.
    dependencies: [...dependencies, ...(provider ? [provider.replace(/::[^:]*$/, "")] : [])],
  }));
  const custom = new Set(resources.filter((resource) => resource.custom).map((resource) => resource.urn));
  const { seconds, chain } = criticalPath(links, ({ urn, type }) => {
    if (!custom.has(urn)) return 0;
    return type.startsWith("aws:")
      ? latencySeconds(type, Operation.Create) / factor
      : (measured.get(urn) ?? 0);
  });
  const ofAws = new Set(resources.filter(({ type }) => type.startsWith("aws:")).map(({ urn }) => urn));
  const fullChain = chain.reduce((sum, link) => sum + link.seconds * (ofAws.has(link.urn) ? factor : 1), 0);
  return {
    factor,
    wallSeconds: result.seconds,
    chainSeconds: seconds,
    ratio: result.seconds / seconds,
    fullPace: {
      chainSeconds: fullChain,
      ratio: (fullChain + result.seconds - seconds) / fullChain,
    },
    chain,
  };
}
