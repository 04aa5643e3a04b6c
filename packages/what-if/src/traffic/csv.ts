import { UserError } from "@inference-platform/kit";
import type { Request } from "../replica/replica";
import { recorded, type Traffic } from "./traffic";

/** Names of columns in the public traces and others, lower case. */
const columns = {
  at: ["timestamp", "time", "at", "timestamp_ms", "seconds", "arrived_at"],
  input: [
    "contexttokens",
    "input_tokens",
    "input",
    "request tokens",
    "prompt_tokens",
    "num_prefill_tokens",
    "inputlength",
  ],
  output: [
    "generatedtokens",
    "output_tokens",
    "output",
    "response tokens",
    "completion_tokens",
    "num_decode_tokens",
    "outputlength",
  ],
};

/** How many wrong lines are told. */
const told = 10;

/**
 * Reads requests of a CSV file with a header: time (seconds, milliseconds in a column `timestamp_ms`, or dates), input and
 * output tokens. Columns of Azure's, Mooncake's and BurstGPT's traces are known.
 *
 * @throws UserError naming every wrong line, up to ten
 */
export function csvTraffic(name: string, text: string): Traffic {
  const [head = "", ...lines] = text.trim().split(/\r?\n/);
  const names = head
    .toLowerCase()
    .split(",")
    .map((cell) => cell.trim());
  const find = (known: string[]) => names.findIndex((cell) => known.includes(cell));
  const [at, input, output] = [find(columns.at), find(columns.input), find(columns.output)];
  if (at < 0 || input < 0 || output < 0)
    throw new UserError(
      `${name}: line 1: the header needs a time, input tokens and output tokens, such as \`time,input_tokens,output_tokens\`; ` +
        `found: ${head.slice(0, 100)}`,
    );
  const unit = names[at] === "timestamp_ms" ? 1000 : 1;
  const problems: string[] = [];
  const requests: Request[] = [];
  lines.forEach((line, index) => {
    const cells = line.split(",");
    const request = {
      at: secondsOf(cells[at]) / unit,
      input: Number(cells[input]),
      output: Number(cells[output]),
    };
    const wrong = problemOf(request, cells, { at, input, output });
    if (wrong) problems.push(`${name}: line ${index + 2}: ${wrong}: ${line.slice(0, 80)}`);
    else requests.push(request);
  });
  if (problems.length > 0) {
    const more = problems.length > told ? [`and ${problems.length - told} more`] : [];
    throw new UserError([...problems.slice(0, told), ...more].join("\n"));
  }
  if (requests.length === 0) throw new UserError(`${name}: no requests after the header.`);
  const sorted = requests.sort((a, b) => a.at - b.at);
  const first = (sorted[0] as Request).at;
  // An answer without tokens was refused or broken off: it still cost its prompt.
  return recorded(
    name,
    sorted.map((one) => ({ at: one.at - first, input: one.input, output: Math.max(1, one.output) })),
  );
}

/** A number of seconds, or a date with a fraction of any length. */
function secondsOf(text: string | undefined): number {
  if (text === undefined || text.trim() === "") return Number.NaN;
  if (/^[0-9.eE+-]+$/.test(text.trim()) && !/\d-\d/.test(text)) return Number(text);
  const [, date, clock, fraction = ""] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?/.exec(text.trim()) ?? [];
  return date ? Date.parse(`${date}T${clock}Z`) / 1000 + Number(`0${fraction}`) : Number.NaN;
}

function problemOf(
  request: Request,
  cells: string[],
  at: Record<"at" | "input" | "output", number>,
): string | undefined {
  if (!Number.isFinite(request.at))
    return `${JSON.stringify(cells[at.at] ?? "")} is no time: seconds, or a date like 2026-11-25 08:30:00`;
  for (const key of ["input", "output"] as const) {
    const least = key === "input" ? 1 : 0;
    if (!Number.isFinite(request[key]) || request[key] < least)
      return `${JSON.stringify(cells[at[key]] ?? "")} is no number of ${key} tokens`;
  }
  return undefined;
}
