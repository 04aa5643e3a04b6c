/*
 * Asks the package @cloud-copilot/iam-simulate what IAM would decide: node iam-simulate.mjs FOLDER < requests.json
 *
 * A process of its own, with the package in a folder outside of the project: its licence, the AGPL, is not this project's.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2] ?? ".", "package.json"));
const { runSimulation } = require("@cloud-copilot/iam-simulate");
const { principals, requests } = JSON.parse(readFileSync(0, "utf8"));

/** What AWS puts on every key that is made without a policy: the account's own policies decide. */
const keyPolicy = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" },
  ],
};

const answers = [];
for (const { principal, action, resource, context } of requests) {
  const { arn, policies, boundary } = principals[principal];
  const { overallResult, errors, results } = await runSimulation(
    {
      request: {
        principal: arn,
        action,
        resource: { resource, accountId: "123456789012" },
        contextVariables: context,
      },
      identityPolicies: Object.entries(policies).map(([name, policy]) => ({ name, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(action.startsWith("kms:") && resource !== "*" && { resourcePolicy: keyPolicy }),
      ...(boundary && { permissionBoundaryPolicies: [{ name: "boundary", policy: boundary }] }),
    },
    {},
  );
  const ignored = (results ?? []).flatMap(({ ignoredContextKeys }) => ignoredContextKeys ?? []);
  answers.push({ allowed: overallResult === "Allowed", ignored, ...(errors && { errors }) });
}
process.stdout.write(JSON.stringify(answers));
