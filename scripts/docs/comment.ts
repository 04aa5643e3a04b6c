import type { Node } from "typescript";

/** A doc comment, taken apart. */
export interface Comment {
  /** What it says, as one paragraph per blank line. Empty without a comment. */
  text: string;
  /** What follows `@default`; absent without one. */
  fallback?: string;
  /** Parameters, by name. */
  params: Record<string, string>;
  /** What follows `@returns`. */
  returns?: string;
  /** What follows `@throws`. */
  throws?: string;
  /** What follows `@example`, as it is written: a block of code. */
  example?: string;
}

const tags = /(?:^|\s)@(default|param|returns|throws|example)\b/;

/** The doc comment right before a declaration. Tags count wherever they stand: `/** Seconds. @default 60 *​/`. */
export function commentOf(node: Node): Comment {
  const source = node.getSourceFile().text;
  const raw = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(
    source.slice(node.getFullStart(), node.getStart()),
  )?.[1];
  const clean = (raw ?? "")
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join("\n")
    .replace(/\{@link (\w+)\}/g, "`$1`");
  const [text = "", ...rest] = clean.split(tags);
  const comment: Comment = { text: paragraphs(text), params: {} };
  for (let at = 0; at + 1 < rest.length; at += 2) {
    const written = rest[at + 1] ?? "";
    const value = paragraphs(written);
    if (rest[at] === "example") comment.example = written.trim();
    if (rest[at] === "default") comment.fallback = value;
    if (rest[at] === "returns") comment.returns = value;
    if (rest[at] === "throws") comment.throws = value;
    const [name, ...words] = value.split(" ");
    if (rest[at] === "param" && name) comment.params[name] = words.join(" ");
  }
  return comment;
}

function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
    .filter(Boolean)
    .join("\n\n");
}
