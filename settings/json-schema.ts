import { z } from "zod";
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
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `Stack file of ${project}`,
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          "aws:region": { type: "string", description: "AWS region of the stack." },
          [qualified("huggingFaceToken")]: {
            description: "Secret: token for gated models (pulumi config set --secret).",
          },
          ...Object.fromEntries(
            Object.entries(settings.properties).map(([key, value]) => [qualified(key), value]),
          ),
        },
        required: ["aws:region", ...(settings.required ?? []).map(qualified)],
        // Other namespaces (aws:profile, pulumi:…) belong to others.
        patternProperties: { [`^(?!${project}:)`]: {} },
        additionalProperties: false,
      },
      encryptionsalt: { type: "string" },
      encryptedkey: { type: "string" },
      secretsprovider: { type: "string" },
    },
    required: ["config"],
  };
}
