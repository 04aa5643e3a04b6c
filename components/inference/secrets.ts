import { Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { platformLabels } from "../namespace/labels";
import type { SecretKeyReference } from "./release-args";

/** Arguments of `InferenceSecrets`. */
export interface InferenceSecretsArgs {
  /** Namespace of the services, which must exist. */
  namespace: pulumi.Input<string>;
  /** The key that clients send, such as that of another namespace. Pass a Pulumi secret. @default a generated one */
  apiKey?: pulumi.Input<string>;
  /** Hugging Face token for gated models. Pass a Pulumi secret. @default none */
  huggingFaceToken?: pulumi.Input<string>;
}

/**
 * The secrets that inference services read: an API key for clients, and the token for gated models. They are
 * Pulumi secrets from birth and reach pods only as references to Kubernetes Secrets.
 *
 * @example
 * ```ts
 * const { apiKey, apiKeySecret } = new InferenceSecrets("llm", { namespace: "llm" }, { provider });
 * ```
 */
export class InferenceSecrets extends pulumi.ComponentResource {
  /** The key that clients send as bearer token. Secret. */
  readonly apiKey: pulumi.Output<string>;
  /** Where services find the API key. */
  readonly apiKeySecret: SecretKeyReference;
  /** Where services find the Hugging Face token; absent without one. */
  readonly huggingFaceTokenSecret?: SecretKeyReference;

  constructor(name: string, args: InferenceSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:InferenceSecrets", name, {}, opts);
    const { namespace, huggingFaceToken } = args;
    const store = (purpose: string, value: pulumi.Input<string>): SecretKeyReference => {
      const objectName = `${name}-${purpose}`;
      const secret = new Secret(
        objectName,
        {
          metadata: { name: objectName, namespace, labels: platformLabels(objectName, "inference") },
          stringData: { [purpose]: pulumi.secret(value) },
        },
        { parent: this },
      );
      return { name: secret.metadata.name, key: purpose };
    };

    // Letters and digits only: it travels in headers and shells.
    const generated = () =>
      new RandomPassword(`${name}-api-key`, { length: 40, special: false }, { parent: this }).result;
    this.apiKey = pulumi.secret(args.apiKey ?? generated());
    this.apiKeySecret = store("api-key", this.apiKey);
    if (huggingFaceToken !== undefined) {
      this.huggingFaceTokenSecret = store("hugging-face-token", huggingFaceToken);
    }
    this.registerOutputs({ apiKey: this.apiKey });
  }
}
