/** What a scalar of a YAML file means. Whole numbers beyond what JavaScript counts exactly are bigints. */
export type ScalarValue = string | number | bigint | boolean | null;

/** The YAML is valid, but Pulumi does not read it: the message says what it found, as the rest of a sentence. */
export class UnreadableYaml extends Error {}

const prefix = "tag:yaml.org,2002:";
const types = ["int", "float", "bool", "null"];

/**
 * The value of a scalar as Pulumi's CLI reads it. Its YAML package follows neither 1.1 nor 1.2: `010` is eight and
 * `0o10` too, `yes` and `no` are text, a date is text of its own form.
 *
 * Source: gopkg.in/yaml.v3, resolve.go and decode.go; Pulumi 3.250, sdk/go/common/resource/config/object.go. The test
 * compares with the CLI itself.
 *
 * @param plain True for a scalar without quotes that is no block: only these are anything but text without a tag.
 * @param tag The tag as written, in its long form; undefined for none.
 * @throws UnreadableYaml for a text that its tag does not allow, and for numbers that JSON has no text for.
 */
export function scalarValue(text: string, plain: boolean, tag: string | undefined): ScalarValue {
  const type = tag?.startsWith(prefix) ? tag.slice(prefix.length) : undefined;
  if (type === "binary") return Buffer.from(text, "base64").toString("utf8");
  // Tags of one's own say nothing to the CLI.
  if (type === "str" || (!plain && type === undefined)) return text;
  if (type === "timestamp") return timestamp(text) ?? unreadable(text, type);
  const found = plainValue(text);
  if (type === undefined || !types.includes(type) || typeNamed(found).includes(type)) return found;
  return unreadable(text, type);
}

function unreadable(text: string, type: string): never {
  throw new UnreadableYaml(`${JSON.stringify(text)} is not a !!${type}`);
}

function typeNamed(value: ScalarValue): string[] {
  if (value === null) return ["null"];
  if (typeof value === "boolean") return ["bool"];
  if (typeof value === "bigint") return ["int", "float"];
  if (typeof value === "number") return Number.isInteger(value) ? ["int", "float"] : ["float"];
  return ["str"];
}

const words = new Map<string, boolean | null>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);

function plainValue(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(text))
    throw new UnreadableYaml(`${text} is a number that JSON does not have`);
  if (!/^[-+.\d]/.test(text)) return text;
  return timestamp(text) ?? number(text) ?? text;
}

const decimal = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const wholeNumbers: [RegExp, string][] = [
  [/^([-+]?)(0|[1-9]\d*)$/, ""],
  [/^([-+]?)0[xX]([\da-fA-F]+)$/, "0x"],
  [/^([-+]?)0[bB]([01]+)$/, "0b"],
  // The zero alone, of YAML 1.1, and the letter of 1.2.
  [/^([-+]?)0[oO]?([0-7]+)$/, "0o"],
];

function number(text: string): number | bigint | undefined {
  const digits = text.startsWith(".") ? text : text.replaceAll("_", "");
  for (const [pattern, base] of wholeNumbers) {
    const [, sign, figures] = pattern.exec(digits) ?? [];
    if (figures === undefined) continue;
    const size = BigInt(`${base}${figures}`);
    return exact(sign === "-" ? -size : size);
  }
  const rounded = decimal.test(digits) ? Number(digits) : undefined;
  return Number.isFinite(rounded) ? rounded : undefined;
}

/** 64 bits are whole numbers, what is longer is rounded. */
function exact(value: bigint): number | bigint {
  const safe = value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
  return safe || value >= 2n ** 64n || value < -(2n ** 63n) ? Number(value) : value;
}

const instant =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt]| )(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?(Z|[-+]\d{2}:\d{2})?)?$/;

/** A date or a time in the text that the CLI makes of it. */
function timestamp(text: string): string | undefined {
  const [, year = "", month = "", day = "", separator, hour = "0", minute = "0", second = "0", part, zone] =
    instant.exec(text) ?? [];
  if (year === "") return undefined;
  // With a T the zone is part of the form, after a blank it is not.
  if (separator !== undefined && (separator === " ") !== (zone === undefined)) return undefined;
  const figures = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [y, m, d, ...time] = figures;
  const date = new Date(Date.UTC(y, m - 1, d, ...time));
  date.setUTCFullYear(y);
  const real = [
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  if (real.some((figure, index) => figure !== figures[index + 1])) return undefined;
  const two = (figure: string) => figure.padStart(2, "0");
  const fraction = part === undefined ? "" : part.replace(/\.?0+$/, "");
  const offset = zone === undefined || zone === "Z" || zone === "+00:00" ? undefined : zone.replace(":", "");
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
  return `${year}-${two(month)}-${two(day)} ${clock} ${offset === undefined ? "+0000 UTC" : `${offset} ${offset}`}`;
}
