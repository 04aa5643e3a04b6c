import { cut } from "./cut";

/** Hidden first line by which the comment is found again. */
export const commentMarker = "<!-- inference-platform:review -->";

/** GitHub takes 65,536 characters; the rest is for what surrounds the sections. */
export const commentCharacters = 64_000;

/** One part of the comment: Markdown that a job of the pull request wrote. */
export interface Section {
  /** `diff-staging`, `preview-prod`. */
  name: string;
  text: string;
}

/** What the comment is about. */
export interface CommentContext {
  /** Commit of the pull request, in full. */
  commit: string;
  /** Page of the run that computed it. */
  runUrl: string;
  /** How the run ended: `success`, `failure`, `cancelled`. */
  conclusion: string;
  /** True when the code is from another repository. */
  fork: boolean;
}

/**
 * The comment. The sections come from code that nobody has reviewed: they are shown, but they notify nobody, hide
 * nothing and cannot pass for another comment of this tool.
 */
export function commentText(sections: Section[], context: CommentContext): string {
  const sorted = [...sections].sort((a, b) => (a.name < b.name ? -1 : 1));
  const head = [
    commentMarker,
    "## What merging would do",
    "",
    ...(sorted.length === 0
      ? [
          `Nothing could be computed: the run ended with **${context.conclusion}**. [Its log](${context.runUrl}) says why.`,
          "",
        ]
      : []),
    ...(sorted.length > 0 && context.conclusion !== "success"
      ? [`The run ended with **${context.conclusion}**; what follows may be incomplete.`, ""]
      : []),
  ].join("\n");
  const origin = context.fork ? "code of this pull request, from a fork" : "code of this pull request";
  const foot = [
    "",
    "---",
    `<sub>Computed by the ${origin}, at ${context.commit.slice(0, 12)}; in full in [the run](${context.runUrl}).</sub>`,
    "",
  ].join("\n");
  const room = commentCharacters - head.length - foot.length;
  const texts = sorted.map((section) => harmless(section.text));
  const remark = "Cut off here; the whole text is in the summary of the run.";
  const shares = fairShares(
    texts.map((text) => text.length + 1),
    room,
  );
  const body = texts.map((text, index) => cut(text, (shares[index] ?? 0) - 1, remark)).join("\n");
  return `${head}${body}${foot}`;
}

/** Divides room: what is short gets all it needs, what is long an equal part of the rest. */
export function fairShares(lengths: number[], room: number): number[] {
  const shares = lengths.map(() => 0);
  const byLength = lengths.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  let left = room;
  for (const [done, index] of byLength.entries()) {
    const share = Math.min(lengths[index] ?? 0, Math.floor(left / (lengths.length - done)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

/** Markdown without what acts at a distance: control characters, HTML comments, mentions, images. */
export function harmless(text: string): string {
  return (
    text
      .replaceAll("\r\n", "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
      .replace(/<!--[\s\S]*?-->\n?/g, "")
      // What is left is unclosed, or was made by taking out another.
      .replaceAll("<!--", "&lt;!--")
      .replaceAll("![", "!\u200b[")
      .replace(/<(img|picture|video|source)\b/gi, "&lt;$1")
      // A zero-width space: reads the same, notifies nobody.
      .replace(/(^|\W)@(?=[A-Za-z0-9])/gm, "$1@\u200b")
  );
}
