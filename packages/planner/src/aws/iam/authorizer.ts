import { AwsError } from "../types";
import { decide, type Principal, refusalText } from "./evaluate";
import type { ApiCall } from "./request";

/** The error with which EKS reports that it may not look for its own role (terraform-aws-modules/terraform-aws-eks#823). */
function blindness(action: string, resource: string): AwsError | undefined {
  const [, role] = /:role\/aws-service-role\/eks-nodegroup\.[^/]+\/(.+)$/.exec(resource) ?? [];
  if (action !== "iam:GetRole" || role === undefined) return undefined;
  const text = `Failed to validate if SLR: ${role} already exists due to missing permissions for 'iam:GetRole'`;
  return new AwsError("InvalidRequestException", text);
}

/** Stands where IAM does: refuses the requests that the policies of whoever runs Pulumi do not allow. */
export class Authorizer {
  private principal?: Principal;
  /** Actions that were asked for, with how often each was allowed. */
  readonly allowed = new Map<string, number>();

  constructor(private readonly region: string) {}

  /** From now on, requests come from `principal`; undefined: from somebody who may do everything. */
  actAs(principal: Principal | undefined): void {
    this.principal = principal;
  }

  /** Who asks. */
  get caller(): Principal | undefined {
    return this.principal;
  }

  /** @throws AwsError for the first request that is not allowed, as AWS words it. */
  require(calls: ApiCall[]): void {
    const { principal } = this;
    if (!principal) return;
    for (const call of calls) {
      const refused = decide(principal, call, this.region).find(({ allowed }) => !allowed);
      if (refused) {
        throw (
          blindness(call.action, refused.resource) ??
          new AwsError(...refusalText(principal, call.action, refused))
        );
      }
      this.allowed.set(call.action, (this.allowed.get(call.action) ?? 0) + 1);
    }
  }
}
