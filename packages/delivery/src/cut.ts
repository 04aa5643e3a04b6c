/**
 * The beginning of a Markdown text, cut at the end of a line, with what is open (code blocks, `<details>`) closed and a
 * remark that something is missing.
 *
 * @param limit most characters of the result, at least 200.
 */
export function cut(text: string, limit: number, remark = "The rest was cut off."): string {
  if (text.length <= limit) return text;
  const ending = `\n_${remark}_\n`;
  const kept: string[] = [];
  let length = 0;
  let fence = "";
  let open = 0;
  for (const line of text.split("\n")) {
    const after = fenceAfter(fence, line);
    const opened = after || fence ? open : open + count(line, /<details\b/g) - count(line, /<\/details>/g);
    const grown = length + line.length + 1;
    if (grown + closing(after, opened).length + ending.length > limit) break;
    kept.push(line);
    length = grown;
    fence = after;
    open = opened;
  }
  return `${kept.map((line) => `${line}\n`).join("")}${closing(fence, open)}${ending}`;
}

/** The fence that is open after a line: empty outside of code blocks. */
function fenceAfter(fence: string, line: string): string {
  const mark = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
  if (!mark?.[1]) return fence;
  if (!fence) return mark[1];
  const closes = mark[1].startsWith(fence) && mark[2]?.trim() === "";
  return closes ? "" : fence;
}

function closing(fence: string, open: number): string {
  return `${fence ? `${fence}\n` : ""}${"\n</details>\n".repeat(Math.max(0, open))}`;
}

function count(line: string, pattern: RegExp): number {
  return [...line.matchAll(pattern)].length;
}
