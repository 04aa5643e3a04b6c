import { projectRoot } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { describeProblem } from "../../components/common/problem";
import { providerCredentials } from "../../settings/credentials";
import { planChanged } from "../support/changed-stacks";

/** As the engine passes it: text as it is, lists and groups as JSON. */
const credentialsOf = (aws: Record<string, unknown>) => {
  const found = providerCredentials((key) => {
    const value = aws[key];
    return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
  });
  return { ...found, problems: found.problems.map(describeProblem) };
};
const roleArn = "arn:aws:iam::111122223333:role/deploy";

describe("whom the AWS provider acts as", () => {
  it.each([
    ["the environment's", {}, undefined],
    ["a profile's", { profile: "work" }, { profile: "work" }],
    ["a role's", { assumeRoles: [{ roleArn, sessionName: "ci", duration: "1h" }] }, { roleArn }],
    [
      "a role's, from a profile",
      { profile: "work", assumeRoles: [{ roleArn }] },
      { profile: "work", roleArn },
    ],
  ])("is also who opens the cluster: %s", (_whose, aws, credentials) => {
    expect(credentialsOf(aws)).toEqual({ ...(credentials && { credentials }), problems: [] });
  });

  it.each([
    [
      "a chain of roles",
      { assumeRoles: [{ roleArn }, { roleArn }] },
      /aws:assumeRoles .*not a chain.*aws:profile/,
    ],
    [
      "an external id",
      { assumeRoles: [{ roleArn, externalId: "x" }] },
      /must not have externalId.*aws:profile/,
    ],
    ["session tags", { assumeRoles: [{ roleArn, tags: { a: "b" } }] }, /must not have tags/],
    ["no list", { assumeRoles: { roleArn } }, /must be a list of roles/],
    ["text", { assumeRoles: "admin" }, /must be a list of roles/],
    [
      "the key of an older provider",
      { assumeRole: { roleArn } },
      /aws:assumeRole: is no key.*aws:assumeRoles/,
    ],
    ["a key in the stack file", { accessKey: "AKIA" }, /aws:accessKey: must not be set.*AWS_ACCESS_KEY_ID/],
    ["a web identity", { assumeRoleWithWebIdentity: { roleArn } }, /AWS_WEB_IDENTITY_TOKEN_FILE/],
    ["files of its own", { sharedCredentialsFiles: ["./creds"] }, /AWS_SHARED_CREDENTIALS_FILE/],
  ])("is refused where `aws eks get-token` cannot be the same: %s", (_what, aws, message) => {
    const { problems } = credentialsOf(aws);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it("is told without the secret itself", () => {
    expect(credentialsOf({ secretKey: "planted-41f2", token: "planted-41f2" }).problems.join()).not.toContain(
      "planted",
    );
  });
});

describe("a stack file with other credentials", () => {
  const plan = (aws: Record<string, unknown>) =>
    planChanged(projectRoot, "staging", (config) => {
      Object.assign(config, aws);
    });

  it("is refused with its other problems, before any resource", async () => {
    await expect(plan({ "aws:token": "x", "inference-platform:redis": 7 })).rejects.toThrow(
      /2 problems\n.*aws:token: must not be set[\s\S]*inference-platform:redis \(7\)/,
    );
  });

  it("plans with a profile", async () => {
    const { checks } = await plan({ "aws:profile": "work" });
    expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
  });
});
