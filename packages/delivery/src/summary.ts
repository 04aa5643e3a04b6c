import { appendFileSync } from "node:fs";

/** Adds Markdown to the summary page of a workflow's job; nothing outside of one. */
export function addToSummary(text: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file) appendFileSync(file, `${text}\n`);
}
