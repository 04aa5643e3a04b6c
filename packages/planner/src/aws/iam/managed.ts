import recorded from "../data/managed-policy-documents.json";
import type { PolicyDocument } from "./document";

/** The document of a policy that AWS manages, by its ARN; undefined for one that is not recorded. `npm run facts` renews them. */
export function managedDocument(arn: string): PolicyDocument | undefined {
  const policies = recorded.policies as unknown as Record<string, { document: PolicyDocument }>;
  return policies[arn.slice(arn.lastIndexOf("/") + 1)]?.document;
}
