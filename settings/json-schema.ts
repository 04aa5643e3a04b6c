import { z } from "zod";
import { regions } from "../components/common/regions";
import { secretKeys } from "./config-keys";
import { schema } from "./schema";

/**
 * JSON Schema of a stack file (`Pulumi.<stack>.yaml`), for editors: the settings under their full keys.
 *
 * @param project Name of the Pulumi project, the prefix of the keys.
 */
export function settingsJsonSchema(project: string): Record<string, unknown> {
  const settings = z.toJSONSchema(schema, { io: "input", target: "draft-7", unrepresentable: "any" }) as {
    properties: Record<string, unknown>;
    required?: string[];
  };
  const qualified = (key: string) => `${project}:${key}`;
  const names = [...Object.keys(settings.properties), ...secretKeys].join("|");
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `Stack file of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          "aws:region": { type: "string", enum: regions, description: "AWS region of the stack." },
          [qualified("huggingFaceToken")]: {
            type: "object",
            properties: { secure: { type: "string" } },
            required: ["secure"],
            additionalProperties: false,
            description: "Secret: token for gated models (pulumi config set --secret huggingFaceToken).",
          },
          ...Object.fromEntries(
            Object.entries(settings.properties).map(([key, value]) => [qualified(key), value]),
          ),
        },
        required: ["aws:region", ...(settings.required ?? []).map(qualified)],
        // Other namespaces (aws:profile, pulumi:…) belong to others; a key of ours under another one is a slip.
        patternProperties: { [`^(?!${project}:)[^:]+:(?!(${names})$)`]: {} },
        additionalProperties: false,
      },
      environment: { description: "Environments of Pulumi ESC." },
      encryptionsalt: { type: "string" },
      encryptedkey: { type: "string" },
      secretsprovider: { type: "string" },
    },
    required: ["config"],
    // Pulumi passes over anything else without a word.
    additionalProperties: false,
  };
}
