import { diffLines } from "diff";

/** Time after which lines are not aligned any more, milliseconds. */
const patience = 1000;

/** The lines that go, with `- ` in front, and those that come, with `+ `, in their order. */
export function lineChanges(before: string, after: string): string[] {
  const whole = (text: string) => text.split("\n").map((line) => `${line}\n`);
  const [from, to] = [whole(before), whole(after)];
  const parts = diffLines(from.join(""), to.join(""), { timeout: patience });
  if (!parts) return [...marked("- ", from), ...marked("+ ", to)];
  return parts.flatMap(({ value, added, removed }) =>
    added || removed ? marked(added ? "+ " : "- ", value.split("\n").slice(0, -1)) : [],
  );
}

function marked(mark: string, lines: string[]): string[] {
  return lines.map((line) => mark + line.replace(/\n$/, ""));
}
