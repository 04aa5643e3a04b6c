import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type ApiCall, decide, type Principal } from "@inference-platform/planner";
import { describe, expect, test } from "vitest";
import { policyOf, principalOf, purposes, requestsOf } from "./role-requests";

/*
 * The evaluation of policies held against somebody else's: the package iam-simulate, on every request of both stacks by
 * every role, and on what the program's own roles try behind their boundary.
 */

const folder =
  process.env.INFERENCE_PLATFORM_IAM_SIMULATE ?? join(homedir(), ".cache/inference-platform/iam-simulate");
const there = existsSync(join(folder, "node_modules/@cloud-copilot/iam-simulate"));
const how = `npm install --prefix ${folder} @cloud-copilot/iam-simulate@0.1.173`;
if (!there) console.warn(`skipped: iam-simulate is not in ${folder} (${how})`);

const region = "us-east-1";
const shipped = ["staging", "prod"];

interface Asked {
  principal: string;
  action: string;
  resource: string;
  context: Record<string, string | string[]>;
}
interface Answer {
  allowed: boolean;
  /** Condition keys that the action does not know. */
  ignored: string[];
  errors?: unknown;
}

/** One question for each resource; what is being made has a name there, since `*` means every resource. */
function asked(principal: string, { action, resources, context }: ApiCall): Asked[] {
  const each = resources.length > 0 ? resources : [{ arn: "*" }];
  return each.map((resource) => ({
    principal,
    action,
    resource: resource.arn === "*" ? "*" : resource.arn.replace(/\*$/, "new"),
    context: {
      "aws:RequestedRegion": region,
      ...Object.fromEntries(
        Object.entries(resource.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
      ),
      ...context,
      ...resource.context,
    },
  }));
}

/** The same text for questions that differ in ids and zones only: one of them is asked. */
const alike = (question: Asked): string =>
  JSON.stringify(question)
    .replaceAll(/-0[0-9a-f]{16}\b/g, "-0")
    .replaceAll(/us-east-1[a-z]\b/g, "zone");

/** Our decisions about the same resources, in the same order. */
const decided = (principal: Principal, call: ApiCall): boolean[] =>
  decide(principal, call, region).map(({ allowed }) => allowed);

function simulate(principals: Record<string, Principal>, requests: Asked[]): Answer[] {
  const script = join(__dirname, "iam-simulate.mjs");
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, folder], {
    input: JSON.stringify({ principals, requests }),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe.skipIf(!there)("another evaluator of IAM policies", () => {
  test("decides the same about every request of every role, the other stack's too", async () => {
    const principals: Record<string, Principal> = {};
    const questions = new Map<string, { asked: Asked; ours: boolean }>();
    for (const mine of shipped) {
      for (const purpose of purposes) {
        const name = `${purpose}-${mine}`;
        principals[name] = principalOf(purpose, mine);
        // Of the other stack staging's deployment asks for everything, most of which is refused.
        for (const theirs of purpose === "deploy" && mine === "staging" ? shipped : [mine]) {
          for (const call of await requestsOf(purpose, theirs)) {
            const ours = decided(principals[name], call);
            asked(name, call).forEach((question, i) => {
              questions.set(alike(question), { asked: question, ours: ours[i] ?? false });
            });
          }
        }
      }
    }
    const all = [...questions.values()];
    const answers = simulate(
      principals,
      all.map((each) => each.asked),
    );
    const told = answers.map((answer, i) => ({ ...all[i]?.asked, ...answer }));
    expect(told.filter(({ errors }) => errors)).toEqual([]);
    const differ = told.filter(({ allowed }, i) => allowed !== all[i]?.ours);
    expect(differ).toEqual([]);
    // Condition keys that the reference does not know for an action are told, too.
    const ignored = told.flatMap(({ action, ignored }) => ignored.map((key) => `${action} ${key}`));
    expect([...new Set(ignored)]).toEqual([]);
    // Some of both, or nothing was compared.
    expect(answers.filter(({ allowed }) => allowed).length).toBeGreaterThan(200);
    expect(answers.filter(({ allowed }) => !allowed).length).toBeGreaterThan(200);
  }, 120_000);

  test("decides the same behind the boundary", async () => {
    const everything: Principal = {
      arn: "arn:aws:sts::123456789012:assumed-role/cluster-node-abcdef1/pod",
      policies: {
        everything: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
        },
      },
      boundary: policyOf("boundary", "prod"),
    };
    const questions = new Map<string, { asked: Asked; ours: boolean }>();
    for (const call of await requestsOf("deploy", "prod")) {
      const ours = decided(everything, call);
      asked("everything", call).forEach((question, i) => {
        questions.set(alike(question), { asked: question, ours: ours[i] ?? false });
      });
    }
    const all = [...questions.values()];
    const answers = simulate(
      { everything },
      all.map((each) => each.asked),
    );
    expect(answers.map(({ allowed }) => allowed)).toEqual(all.map(({ ours }) => ours));
    expect(new Set(answers.map(({ allowed }) => allowed))).toEqual(new Set([true, false]));
  }, 120_000);
});
