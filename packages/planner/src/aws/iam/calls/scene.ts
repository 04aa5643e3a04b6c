import type { Properties } from "../../../program/monitor";
import type { AccountView } from "../../definition";
import { type ApiCall, type RequestContext, type RequestedResource, requestTags } from "../request";

/** A resource at the moment at which the provider makes, reads, changes or deletes it. */
export interface Scene {
  account: AccountView;
  /** The id under which AWS knows it, or will. */
  id: string;
  inputs: Properties;
  /** The inputs that it has; those of an update are new. */
  before: Properties;
  /** Empty while it is being made. */
  outputs: Properties;
}

/** The requests of one operation, in order. */
export type Calls = (scene: Scene) => ApiCall[];

/** What the provider asks AWS for to manage resources of one type. */
export interface TypeCalls {
  /** Until it is there; what is read at the end of it is in `read`. */
  create: Calls;
  read: Calls;
  /** By the top-level input that changes. Absent inputs are changed by a replacement, or by the calls of `create`. */
  update: Record<string, Calls>;
  delete: Calls;
}

/** A request that knows no resources. */
export const anywhere = (...actions: string[]): ApiCall[] =>
  actions.map((action) => ({ action, resources: [] }));

/** Requests about the same resources. */
export const about = (
  resources: RequestedResource[],
  actions: string[],
  context?: RequestContext,
): ApiCall[] => actions.map((action) => ({ action, resources, ...(context && { context }) }));

export const none: Calls = () => [];

/** The tags among the inputs of a resource. */
export const tagsOf = (inputs: Properties): Record<string, string> =>
  (inputs.tags ?? {}) as Record<string, string>;

/** A resource of EC2: `vpc/vpc-0…`. */
export const ec2Resource = (
  { account }: Scene,
  kind: string,
  id: unknown,
  tags: Record<string, string> = {},
): RequestedResource => ({ arn: account.arn("ec2", `${kind}/${id}`), tags });

/** A resource of EC2 that the program made, by its type and id, with the tags that it has. */
export const ec2Known = (scene: Scene, kind: string, type: string, id: unknown): RequestedResource =>
  ec2Resource(scene, kind, id, tagsOf(scene.account.find(type, id)?.inputs ?? {}));

/** The resource of the scene itself, once it is there. */
export const ec2Self = (scene: Scene, kind: string): RequestedResource =>
  ec2Resource(scene, kind, scene.id, tagsOf(scene.before));

/**
 * A request that makes a resource of EC2, with the tags in the same request: EC2 asks for `ec2:CreateTags` too, and tells
 * the policy by which action (`ec2:CreateAction`). Source: "Grant permission to tag Amazon EC2 resources during creation"
 * in the EC2 User Guide (read 2026-11).
 */
export function ec2Create(
  scene: Scene,
  action: string,
  kind: string,
  others: RequestedResource[] = [],
): ApiCall[] {
  const tags = tagsOf(scene.inputs);
  const made = ec2Resource(scene, kind, "*");
  const context = requestTags(tags);
  const calls = about([made, ...others], [`ec2:${action}`], context);
  if (Object.keys(tags).length === 0) return calls;
  return [...calls, ...about([made], ["ec2:CreateTags"], { ...context, "ec2:CreateAction": action })];
}

/** Another set of tags on an existing resource of EC2. */
export const ec2Retag =
  (kind: string): Calls =>
  (scene) => {
    const tags = requestTags(tagsOf(scene.inputs));
    return [
      ...about([ec2Self(scene, kind)], ["ec2:CreateTags"], tags),
      ...about([ec2Self(scene, kind)], ["ec2:DeleteTags"], { "aws:TagKeys": ["old"] }),
    ];
  };

/** The context of tags in a request, for services that need a right of its own for them. */
export const tagContext = (scene: Scene): RequestContext => requestTags(tagsOf(scene.inputs));

/** True when the inputs have tags. */
export const isTagged = ({ inputs }: Scene): boolean => Object.keys(tagsOf(inputs)).length > 0;
