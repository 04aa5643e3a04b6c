import { nearest } from "./nearest";
import type { Problem } from "./problem";

/** Texts that are allowed. Each rule stands once, beside what it is about. */
export interface TextRule {
  /** What the whole text must look like. Without flags: JSON Schema has none. */
  pattern: RegExp;
  /** The same in words, with an example: `must be …`. */
  must: string;
  /** Highest number of characters. @default what the pattern allows */
  longest?: number;
}

/** Refuses a text that the rule does not allow; undefined is nobody's. */
export function textProblems(
  path: string,
  value: string | undefined,
  rule: TextRule,
  fix?: string,
): Problem[] {
  if (value === undefined || isAllowed(value, rule)) return [];
  return [{ path, value, message: rule.must, ...(fix && { fix }) }];
}

/** True for a text that the rule allows. */
export function isAllowed(value: string, { pattern, longest }: TextRule): boolean {
  return pattern.test(value) && (longest === undefined || value.length <= longest);
}

/** Refuses what stands in a list more than once: each further time. */
export function repeatedProblems(path: string, values: string[]): Problem[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [{ path: `${path}[${index}]`, value, message: "must not be listed twice" }],
  );
}

/** Refuses what is none of the values of a const object; undefined is nobody's. */
export function choiceProblems(
  path: string,
  value: string | undefined,
  choices: Record<string, string>,
): Problem[] {
  const known = Object.values(choices);
  if (value === undefined || known.includes(value)) return [];
  const meant = nearest(value, known);
  return [
    {
      path,
      value,
      message: `must be one of ${known.join(", ")}`,
      ...(meant && { fix: `Did you mean ${meant}?` }),
    },
  ];
}
