import { type CheckResult, check, expect } from "../../checks/check";
import { sleep } from "../../processes";
import type { ScalingLoop } from "../loop";
import { paced } from "../pace";
import { wholePaced } from "../report";
import type { DeployedService } from "../stack";
import type { ReplicaChange } from "../timeline";
import { rateFor } from "./scale-out";

/** How far the time at which a change is seen may be off, seconds. */
const slackSeconds = 0.6;

/** What is wrong with the steps of a scale-in: too early, too many at once, too close to each other. */
export function paceProblems(
  changes: ReplicaChange[],
  quietSince: number,
  policy: { windowSeconds: number; periodSeconds: number; pods: number },
): string[] {
  const steps = changes.slice(1).flatMap((change, index) => {
    const removed = (changes[index]?.replicas ?? 0) - change.replicas;
    return removed > 0 ? [{ at: change.at, removed }] : [];
  });
  return steps.flatMap((step, index) => {
    const problems: string[] = [];
    const after = (step.at - quietSince) / 1000;
    const last = steps[index - 1];
    if (after < policy.windowSeconds - slackSeconds)
      problems.push(`a pod went after ${after.toFixed(1)} s, within the window of ${policy.windowSeconds} s`);
    if (step.removed > policy.pods) problems.push(`${step.removed} pods went at once, ${policy.pods} may`);
    if (last && (step.at - last.at) / 1000 < policy.periodSeconds - slackSeconds)
      problems.push(`two steps within ${((step.at - last.at) / 1000).toFixed(1)} s`);
    return problems;
  });
}

/** The load goes; replicas go as the policy says, and no request is lost on the way. */
export async function scaleIn(loop: ScalingLoop): Promise<CheckResult[]> {
  const { shipped, second, dual } = loop.stack.services;
  const services = [shipped, second, dual];
  const began = Date.now();
  const before = services.map((service) => loop.timeline.now(service.name));
  // Enough that each replica that goes still has requests to finish.
  loop.load.set(shipped.name, rateFor(6));
  loop.load.set(second.name, rateFor(10));
  loop.load.set(dual.name, 40);
  const done = () => services.every((each) => loop.timeline.now(each.name) === each.replicas.minReplicas);
  const longest = Math.max(...services.map((each) => policyOf(each).windowSeconds));
  const limit = began + 1000 * (longest + 80);
  while (!done() && Date.now() < limit) await sleep(250);
  const drain = Math.max(...services.map((each) => paced(each.drain.terminationGraceSeconds)));
  await sleep(1000 * Math.min(12, drain));
  const ended = Date.now();

  return [
    await check("scales-in-by-the-policy", async () => {
      const evidence = services.map((service) => {
        const { name, replicas } = service;
        const changes = loop.timeline.of(name, began, ended);
        const problems = paceProblems(changes, began, policyOf(service));
        if (loop.timeline.now(name) !== replicas.minReplicas)
          problems.push(
            `still blind: ${loop.timeline.complaint(name) ?? "no"}, in flight ${loop.proxy.inFlight.get(name)}`,
          );
        const steps = changes.map((change, index) =>
          index === 0
            ? `${change.replicas}`
            : `${change.replicas} after ${((change.at - began) / 1000).toFixed(1)} s`,
        );
        return {
          text: `${name} ${steps.join(" -> ")} (window ${policyOf(service).windowSeconds} s)`,
          problems,
        };
      });
      const wrong = evidence.filter(({ problems }) => problems.length > 0);
      expect(
        wrong.length === 0,
        wrong.map(({ text, problems }) => `${text}: ${problems.join(", ")}`).join("; "),
      );
      return evidence.map(({ text }) => text).join("; ");
    }),
    await check("no-request-lost-scaling-in", async () => {
      const views = services.map((service) => ({
        name: service.name,
        ...loop.load.view(service.name, began, ended),
      }));
      for (const { name, failed, failures } of views)
        expect(failed === 0, `${name}: ${failed} failed, ${JSON.stringify(failures)}`);
      const removed = services.reduce(
        (sum, { name }, index) => sum + (before[index] ?? 0) - loop.timeline.now(name),
        0,
      );
      return `${views.reduce((sum, view) => sum + view.requests, 0)} requests, 0 lost, while ${removed} pods went`;
    }),
  ];
}

function policyOf(service: DeployedService) {
  const { stabilizationWindowSeconds, policies } = service.autoscaler.spec.behavior.scaleDown as {
    stabilizationWindowSeconds: number;
    policies: { type: string; value: number; periodSeconds: number }[];
  };
  const [policy] = policies;
  return {
    windowSeconds: wholePaced(stabilizationWindowSeconds),
    periodSeconds: wholePaced(policy?.periodSeconds ?? 0),
    pods: policy?.value ?? 0,
  };
}
