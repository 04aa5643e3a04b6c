import { AwsError } from "./types";

/** What AWS refuses in tags. Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export function tagErrors(tags: unknown): AwsError[] {
  if (tags === undefined || tags === null) return [];
  const entries = Object.entries(tags as Record<string, unknown>);
  const errors: AwsError[] = [];
  if (entries.length > 50)
    errors.push(new AwsError("TagLimitExceeded", `${entries.length} tags; at most 50`));
  for (const [key, value] of entries) {
    if (key.length < 1 || key.length > 128) {
      errors.push(new AwsError("InvalidTag", `tag key '${key}' must have 1 to 128 characters`));
    }
    if (String(value).length > 256) {
      errors.push(new AwsError("InvalidTag", `the value of tag '${key}' must have at most 256 characters`));
    }
    if (/^aws:/i.test(key))
      errors.push(new AwsError("InvalidTag", `tag key '${key}': the prefix aws: is reserved`));
  }
  return errors;
}
