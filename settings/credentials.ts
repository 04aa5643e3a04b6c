import type { ClusterCredentialsArgs } from "../components/cluster/credentials";
import type { Problem } from "../components/common/problem";

/** Keys of an entry of `aws:assumeRoles` that decide nothing about who the session is. */
const harmless = ["roleArn", "sessionName", "duration"];

/** Where the AWS provider and the AWS CLI both look, beside a profile and a role: `aws:` keys and what says the same. */
const elsewhere: Record<string, string> = {
  accessKey: "AWS_ACCESS_KEY_ID",
  secretKey: "AWS_SECRET_ACCESS_KEY",
  token: "AWS_SESSION_TOKEN",
  assumeRoleWithWebIdentity: "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE",
  sharedConfigFiles: "AWS_CONFIG_FILE",
  sharedCredentialsFiles: "AWS_SHARED_CREDENTIALS_FILE",
};

/** Credentials of the stack's AWS provider, for the cluster's token; or why the cluster could not be opened with them. */
export interface ProviderCredentials {
  credentials?: ClusterCredentialsArgs;
  problems: Problem[];
}

/**
 * Reads whom the AWS provider of a stack acts as. The token for the cluster is made by `aws eks get-token`, which knows nothing
 * of the provider: with other credentials EKS would refuse it, after the cluster is up.
 *
 * @param aws Value of a configuration key of `aws:`; lists and groups are JSON.
 */
export function providerCredentials(aws: (key: string) => string | undefined): ProviderCredentials {
  const problems: Problem[] = Object.entries(elsewhere).flatMap(([key, variable]) =>
    aws(key) === undefined
      ? []
      : [
          {
            path: `aws:${key}`,
            value: undefined,
            message: "must not be set: the cluster's token could not be made with it",
            fix: `Set ${variable} in the environment, or a profile with aws:profile.`,
          },
        ],
  );
  if (aws("assumeRole") !== undefined) {
    const fix = "Write it as a list under aws:assumeRoles.";
    problems.push({
      path: "aws:assumeRole",
      value: undefined,
      message: "is no key of this provider's version",
      fix,
    });
  }
  const profile = aws("profile");
  const { roleArn, problems: ofRoles } = assumedRole(aws("assumeRoles"));
  problems.push(...ofRoles);
  const credentials = { ...(profile && { profile }), ...(roleArn && { roleArn }) };
  return { ...(Object.keys(credentials).length > 0 && { credentials }), problems };
}

function assumedRole(text: string | undefined): { roleArn?: string; problems: Problem[] } {
  if (text === undefined) return { problems: [] };
  const path = "aws:assumeRoles";
  const roles = parsed(text);
  const problem = (value: unknown, message: string, fix: string) => ({
    problems: [{ path, value, message, fix }],
  });
  if (!Array.isArray(roles) || roles.some((role) => typeof role?.roleArn !== "string")) {
    return problem(roles, "must be a list of roles", "Each has a roleArn.");
  }
  const profile = "Put it into a profile of ~/.aws/config, and name that with aws:profile.";
  if (roles.length > 1) {
    return problem(
      roles.map(({ roleArn }) => roleArn),
      "must be one role: `aws eks get-token` assumes one, not a chain",
      profile,
    );
  }
  const [role] = roles;
  const more = Object.keys(role ?? {}).filter((key) => !harmless.includes(key));
  if (more.length > 0) {
    return problem(
      role?.roleArn,
      `must not have ${more.join(", ")}: \`aws eks get-token\` cannot assume a role with it`,
      profile,
    );
  }
  return { ...(role && { roleArn: role.roleArn }), problems: [] };
}

function parsed(text: string): Record<string, string>[] | undefined {
  try {
    return JSON.parse(text) as Record<string, string>[];
  } catch {
    return undefined;
  }
}
