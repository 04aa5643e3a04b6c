/** What a request is about: a resource, or a kind of resource that is being made (`…:vpc/*`). */
export interface RequestedResource {
  arn: string;
  /** Its tags, as far as IAM sees them; none on what is being made. @default none */
  tags?: Record<string, string>;
  /** Condition keys of this resource alone, such as `ec2:LaunchTemplate`. @default none */
  context?: RequestContext;
}

/** Values by condition key. */
export type RequestContext = Record<string, string | string[]>;

/** One request to an AWS API, as IAM sees it. */
export interface ApiCall {
  /** `ec2:CreateVpc`. */
  action: string;
  /** Everything that must be allowed; empty for actions that know no resources. */
  resources: RequestedResource[];
  /** Condition keys of the request. @default none */
  context?: RequestContext;
}

/** The request context of tags: `aws:RequestTag/<key>` and `aws:TagKeys`. */
export function requestTags(tags: Record<string, string>): RequestContext {
  const keys = Object.keys(tags);
  if (keys.length === 0) return {};
  return {
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    "aws:TagKeys": keys,
  };
}
