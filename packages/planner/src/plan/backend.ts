import { createHash } from "node:crypto";
import { UserError } from "@inference-platform/kit";
import * as pulumi from "@pulumi/pulumi";
import { type Backend, mask, type Properties } from "../program/monitor";
import { secretPlaceholder } from "./stack";

/** The part of the simulated AWS that a plan needs. */
export interface AwsAccount {
  create(type: string, name: string, inputs: Properties): { id: string; outputs: Properties };
  invoke(token: string, args: Properties): Properties;
}

/**
 * Answers a program as the providers would after a deployment: AWS from `aws`, Kubernetes objects with what they
 * were given, random values with placeholders.
 *
 * @throws Error for a provider that it does not know: a guessed answer would be a wrong plan.
 */
export class PlanBackend implements Backend {
  /** @param stackOutputs Outputs of other stacks, by full name. */
  constructor(
    private readonly aws: AwsAccount,
    private readonly stackOutputs: Record<string, Properties> = {},
  ) {}

  create(type: string, name: string, inputs: Properties): { id: string; state: Properties } {
    if (type.startsWith("pulumi:providers:")) return { id: `${name}-provider`, state: {} };
    const provider = type.split(":")[0];
    if (provider === "aws") {
      const { id, outputs } = refusable(`${type} ${name}`, () => this.aws.create(type, name, inputs));
      return { id, state: outputs };
    }
    if (provider === "kubernetes") return kubernetes(type, name, inputs);
    if (provider === "random") return random(type, name, inputs);
    if (type === "pulumi:pulumi:StackReference") return this.stackReference(String(inputs.name));
    throw new Error(`${type} ${name}: the plan has no stand-in for the provider "${provider}".`);
  }

  private stackReference(stack: string): { id: string; state: Properties } {
    const outputs = this.stackOutputs[stack];
    if (!outputs) {
      const fix = `Save them with \`pulumi stack output --json -s ${stack}\`, and pass --stack-outputs ${stack}=FILE.`;
      throw new UserError(`The program reads the outputs of stack ${stack}, which a plan cannot see. ${fix}`);
    }
    return { id: stack, state: { name: stack, ...shown(outputs) } };
  }

  invoke(token: string, args: Properties): Properties {
    if (token.startsWith("aws:")) return refusable(token, () => this.aws.invoke(token, args));
    throw new Error(`${token}: the plan has no stand-in for this function.`);
  }
}

/** What a StackReference has of outputs: secrets, which files show as a mark, as placeholders that are named as secret. */
function shown(outputs: Properties): Properties {
  const secretOutputNames = Object.keys(outputs).filter((name) => outputs[name] === mask);
  const secrets = secretOutputNames.map((name) => [name, pulumi.secret(secretPlaceholder)]);
  return { outputs: { ...outputs, ...Object.fromEntries(secrets) }, secretOutputNames };
}

/** What AWS would refuse is the user's to change: told with the resource it is about. */
function refusable<T>(subject: string, request: () => T): T {
  try {
    return request();
  } catch (error) {
    throw new UserError(`${subject}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Eight digits that stay the same from plan to plan, where a provider would make up random ones. */
function suffix(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 8);
}

function kubernetes(type: string, name: string, inputs: Properties): { id: string; state: Properties } {
  if (type === "kubernetes:helm.sh/v3:Release") {
    const release = String(inputs.name ?? `${name}-${suffix(name)}`);
    const namespace = String(inputs.namespace ?? "default");
    const status = { name: release, namespace, revision: 1, status: "deployed", version: inputs.version };
    return { id: `${namespace}/${release}`, state: { name: release, namespace, status } };
  }
  const given = (inputs.metadata ?? {}) as Properties;
  const metadata = { namespace: "default", ...given, name: given.name ?? `${name}-${suffix(name)}` };
  const kind = type.split(":").at(-1);
  const reachable =
    kind === "Ingress" || (inputs.spec as Properties | undefined)?.type === "LoadBalancer"
      ? { status: { loadBalancer: { ingress: [{ hostname: `k8s-${metadata.name}.elb.amazonaws.com` }] } } }
      : {};
  return { id: `${metadata.namespace}/${metadata.name}`, state: { metadata, ...reachable } };
}

function random(type: string, name: string, inputs: Properties): { id: string; state: Properties } {
  const text = suffix(name);
  switch (type) {
    case "random:index/randomPassword:RandomPassword": {
      const result = pulumi.secret(secretPlaceholder);
      return { id: "none", state: { result, bcryptHash: result } };
    }
    case "random:index/randomString:RandomString":
      return { id: text, state: { result: text.padEnd(Number(inputs.length ?? 8), "0") } };
    case "random:index/randomId:RandomId":
      return { id: text, state: { hex: text, dec: String(Number.parseInt(text, 16)), b64Url: text } };
    default:
      throw new Error(`${type} ${name}: the plan has no stand-in for this random value.`);
  }
}
