/** A text as inline code: nothing in it is Markdown, HTML or a mention. */
export function code(text: string): string {
  const inner = text.replaceAll("`", "'").replace(/\s*\n\s*/g, " ⏎ ");
  return `\`${inner.trim() === "" ? JSON.stringify(text) : inner}\``;
}

/** Markdown of one line as plain text. */
export function plain(markdown: string): string {
  return markdown.replaceAll("**", "").replaceAll("`", "");
}
