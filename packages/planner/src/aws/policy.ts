import { AwsError } from "./types";

/** A statement of an IAM policy, lists always as lists. */
export interface Statement {
  effect: string;
  actions: string[];
  resources: string[];
  /** Principals by kind: `Service`, `AWS`, `Federated`; `*` for anyone. */
  principals: Record<string, string[]>;
}

const list = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);

const malformed = (message: string) => new AwsError("MalformedPolicyDocument", message);

/**
 * Parses an IAM policy.
 * @throws AwsError MalformedPolicyDocument, as IAM words it.
 */
export function parsePolicy(text: unknown): Statement[] {
  let document: Record<string, unknown>;
  try {
    document = (typeof text === "string" ? JSON.parse(text) : text) as Record<string, unknown>;
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  if (typeof document !== "object" || document === null) throw malformed("Syntax errors in policy.");
  // Without it, variables like ${aws:username} are taken literally.
  if (document.Version !== undefined && !["2012-10-17", "2008-10-17"].includes(String(document.Version))) {
    throw malformed(`The policy must contain a valid version string, not ${document.Version}`);
  }
  const statements = (
    Array.isArray(document.Statement) ? document.Statement : [document.Statement]
  ) as Record<string, unknown>[];
  if (document.Statement === undefined || statements.length === 0)
    throw malformed("Missing required field Statement");
  const seen = new Set<string>();
  return statements.map((statement) => {
    if (typeof statement !== "object" || statement === null) throw malformed("Syntax errors in policy.");
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
      throw malformed(`Statement effect must be Allow or Deny, not ${JSON.stringify(statement.Effect)}`);
    }
    if (statement.Action === undefined && statement.NotAction === undefined) {
      throw malformed("Policy statement must contain actions.");
    }
    const actions = list(statement.Action ?? statement.NotAction);
    for (const action of actions) {
      if (action !== "*" && !/^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$/.test(action)) {
        throw malformed(
          `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: ${action}`,
        );
      }
    }
    if (statement.Sid !== undefined) {
      const sid = String(statement.Sid);
      if (!/^[A-Za-z0-9]*$/.test(sid)) throw malformed(`Statement IDs (SID) must be alpha-numeric: ${sid}`);
      if (sid && seen.has(sid))
        throw malformed(`Statement IDs (SID) in a single policy must be unique: ${sid}`);
      seen.add(sid);
    }
    const principal = statement.Principal;
    return {
      effect: statement.Effect,
      actions,
      resources: list(statement.Resource ?? statement.NotResource),
      principals:
        typeof principal === "object" && principal !== null
          ? Object.fromEntries(Object.entries(principal).map(([kind, value]) => [kind, list(value)]))
          : Object.fromEntries(principal === undefined ? [] : [["*", list(principal)]]),
    };
  });
}

/**
 * Parses a policy that is attached to identities: every statement has resources and no principal.
 * @throws AwsError MalformedPolicyDocument.
 */
export function parseIdentityPolicy(text: unknown): Statement[] {
  const statements = parsePolicy(text);
  for (const statement of statements) {
    if (statement.resources.length === 0) throw malformed("Policy statement must contain resources.");
    if (Object.keys(statement.principals).length > 0)
      throw malformed("Policy document should not specify a principal.");
    for (const resource of statement.resources) {
      if (resource !== "*" && !/^arn:[^:]*:[^:]+:/.test(resource) && !resource.startsWith("arn:*:")) {
        throw malformed(`Resource ${resource} must be in ARN format or "*".`);
      }
    }
  }
  return statements;
}

/**
 * Parses a role's trust policy: every statement has a principal and no resource.
 * @throws AwsError MalformedPolicyDocument.
 */
export function parseTrustPolicy(text: unknown): Statement[] {
  const statements = parsePolicy(text);
  for (const statement of statements) {
    if (statement.resources.length > 0) throw malformed("Has prohibited field Resource");
    if (Object.keys(statement.principals).length === 0)
      throw malformed("AssumeRole policy must contain a principal.");
    for (const action of statement.actions) {
      if (!/^(sts:|\*$)/.test(action))
        throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
  }
  return statements;
}

/** The actions, of those asked for, that `statements` do not allow the service principal. */
export function missingForService(statements: Statement[], service: string, actions: string[]): string[] {
  const allowed = statements
    .filter((statement) => statement.effect === "Allow")
    .filter(
      (statement) =>
        statement.principals.Service?.includes(service) || statement.principals["*"]?.includes("*"),
    )
    .flatMap((statement) => statement.actions);
  return actions.filter(
    (action) => !allowed.some((pattern) => pattern === "*" || pattern === "sts:*" || pattern === action),
  );
}

/** The size that IAM counts against its limits: characters without white space. */
export function policySize(text: unknown): number {
  return (typeof text === "string" ? text : JSON.stringify(text)).replace(/\s/g, "").length;
}
