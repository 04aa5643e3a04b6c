import { stripVTControlCharacters } from "node:util";

const least = 80;
const most = 120;

/** Columns of the terminal, within what reads well; 80 where there is no terminal. */
export function columns(): number {
  return Math.min(most, Math.max(least, process.stdout.columns ?? least));
}

/** Text in lines of at most `width` characters; words that are longer stay whole. */
export function wrapped(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}

/** Adds colour to text, or leaves it. */
export type Paint = (text: string) => string;

/** The few ways in which text stands out. */
export interface Palette {
  bold: Paint;
  dim: Paint;
  green: Paint;
  yellow: Paint;
  red: Paint;
}

/** Colours for a terminal, or none. */
export function palette(on: boolean): Palette {
  const paint =
    (code: number): Paint =>
    (text) =>
      on ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), green: paint(32), yellow: paint(33), red: paint(31) };
}

/** Whether stdout is a terminal that shows colours, and nobody asked for none (NO_COLOR). */
export function showsColour(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

/** How a table is laid out. */
export interface TableOptions {
  /** Columns of the terminal. A last cell that does not fit goes on below, indented. @default unbounded */
  width?: number;
  /** Columns that are set flush right, by number. @default none */
  right?: number[];
}

/** Columns as wide as their widest cell, colour codes not counted. */
export function textTable(rows: string[][], options: TableOptions = {}): string[] {
  const { width = Number.POSITIVE_INFINITY, right = [] } = options;
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, at) => {
      // A last cell stands alone behind the others, and makes none of them wider.
      if (at < row.length - 1 || right.includes(at)) widths[at] = Math.max(widths[at] ?? 0, lengthOf(cell));
    });
  return rows.flatMap((row) => {
    const cells = row.map((cell, at) => {
      const space = " ".repeat(Math.max(0, (widths[at] ?? 0) - lengthOf(cell)));
      return right.includes(at) ? space + cell : cell + space;
    });
    const line = cells.join("  ").trimEnd();
    if (lengthOf(line) <= width) return [line];
    const last = row.at(-1) ?? "";
    const head = cells.slice(0, -1).join("  ");
    const indent = lengthOf(head) + 2;
    // Beside the others where there is room for words, below them where there is none.
    return width - indent >= 24
      ? hanging(last, width - indent).map((text, at) =>
          at === 0 ? `${head}  ${text}` : " ".repeat(indent) + text,
        )
      : [head.trimEnd(), ...hanging(last, width - 4).map((text) => `    ${text}`)];
  });
}

/** Text in lines of a width. Coloured text stays whole: its codes have no width of their own. */
function hanging(text: string, width: number): string[] {
  return text === stripVTControlCharacters(text) ? wrapped(text, width) : [text];
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A table in Markdown. */
export function markdownTable(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
