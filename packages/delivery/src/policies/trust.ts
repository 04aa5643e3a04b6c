import type { PolicyDocument } from "@inference-platform/planner";

/** Who may take a role: workflows of one repository, in the named circumstance, with a token of GitHub's. */
export function trust(circumstance: string): PolicyDocument {
  const issuer = "token.actions.githubusercontent.com";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:PARTITION:iam::ACCOUNT_ID:oidc-provider/${issuer}` },
        Action: ["sts:AssumeRoleWithWebIdentity"],
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: [`repo:OWNER/REPOSITORY:${circumstance}`],
          },
        },
      },
    ],
  };
}
