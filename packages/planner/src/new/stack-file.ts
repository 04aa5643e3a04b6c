import { UserError } from "@inference-platform/kit";
import { isScalar, isSeq, parseDocument, stringify } from "yaml";

/** What a new stack is to be; what is left out stays as in the stack that it is made from. */
export interface StackAnswers {
  /** AWS region. */
  region?: string;
  /** Its availability zones. */
  zones?: string[];
  /** Instance type of the GPU nodes. */
  gpu?: string;
  /** Hugging Face id of the model of the first service. */
  model?: string;
  /** Size of its weights, GiB. */
  weightsGiB?: number;
}

/** The zones of a region by the first letters, as many as a stack file has. */
export function zonesOf(region: string, text: string, project: string): string[] {
  const zones = parseDocument(text).getIn(["config", `${project}:network`, "zones"]);
  const count = isSeq(zones) ? zones.items.length : 0;
  return Array.from({ length: count }, (_, at) => region + String.fromCharCode("a".charCodeAt(0) + at));
}

/**
 * A stack file with the answers in it. Only the values change: layout and comments stay as somebody wrote them.
 *
 * @throws UserError when the file has no value in a place where an answer belongs.
 */
export function newStackFile(from: string, project: string, answers: StackAnswers): string {
  const { region, zones, gpu, model, weightsGiB } = answers;
  const group = (name: string) => `${project}:${name}`;
  const service = [group("model"), "services", 0, "model"];
  const values: [(string | number)[], unknown][] = [
    [["aws:region"], region],
    ...(zones ?? []).map((zone, at): [(string | number)[], unknown] => [
      [group("network"), "zones", at],
      zone,
    ]),
    [[group("gpu"), "instanceTypes", 0], gpu],
    [[...service, "id"], model],
    [[...service, "weightsGiB"], weightsGiB],
  ];
  const document = parseDocument(from);
  const edits = values.flatMap(([path, value]) => {
    if (value === undefined) return [];
    const node = document.getIn(["config", ...path], true);
    if (!isScalar(node) || !node.range)
      throw new UserError(
        `the stack to start from has no ${path.join(".")}: write it there, or leave the option out.`,
      );
    const [start, end] = node.range;
    return [{ start, end, text: stringify(value).trimEnd() }, ...remarkAfter(from, end, path)];
  });
  // From the end, so that the places of the others stay.
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: value }) => text.slice(0, start) + value + text.slice(end), from);
}

/** The remark beside an instance type says what that type is: it goes with it. */
function remarkAfter(text: string, end: number, path: (string | number)[]) {
  const found = path.includes("instanceTypes") ? /^([^\n#]*?) +#[^\n]*/.exec(text.slice(end)) : null;
  return found ? [{ start: end + (found[1] ?? "").length, end: end + found[0].length, text: "" }] : [];
}
