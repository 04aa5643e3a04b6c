import { namesSecret, secretIn } from "./secret-like";

/** Longest value that a message shows, characters. */
const longestValue = 120;
/** Longest line of a message, characters. */
const longestLine = 2000;

/** What stands for a secret wherever something is shown. */
export const hiddenSecret = "[secret]";

/**
 * A refused value for a message: as JSON, short, on one line, secrets hidden.
 *
 * @param path Where it stands: the value of a key whose name tells a secret is hidden.
 */
export function shownValue(path: string, value: unknown): string {
  const name = /([^.[\]]+)(\[\d+\])*$/.exec(path)?.[1] ?? "";
  const text = JSON.stringify(namesSecret(name) ? hiddenSecret : value, (key, entry: unknown) => {
    if (typeof entry === "bigint") return Number(entry);
    if (typeof entry !== "string") return key !== "" && namesSecret(key) ? hiddenSecret : entry;
    return (key !== "" && namesSecret(key)) || secretIn(entry) ? hiddenSecret : entry;
  });
  return text === undefined ? typeof value : plain(cut(text, longestValue));
}

/** A line for a terminal or a comment, whatever a user's file has put into it: no control characters, not endless. */
export function shownLine(text: string): string {
  return plain(cut(text, longestLine));
}

function cut(text: string, longest: number): string {
  const characters = text.length;
  return characters <= longest ? text : `${text.slice(0, longest)}… (${characters} characters)`;
}

/** Control characters, and those that turn or hide the text around them. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function plain(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
