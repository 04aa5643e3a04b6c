import { amount } from "../plan/formats/figures";
import { hoursPerMonth } from "../plan/money";
import { CostBasis, type CostLine, type Plan, type Range } from "../plan/types";
import type { CostChange, CostDiff } from "./types";

/** The bill before and after, and the positions that change. */
export function costDiff(base: Plan | undefined, head: Plan): CostDiff {
  const index = (plan?: Plan) => new Map((plan?.cost.lines ?? []).map((line) => [line.item, line]));
  const [from, to] = [index(base), index(head)];
  const changes = [...new Set([...to.keys(), ...from.keys()])].flatMap((item) =>
    changeOf(item, from.get(item), to.get(item)),
  );
  return {
    ...(base ? { before: base.cost.monthly } : {}),
    after: head.cost.monthly,
    changes: base ? changes : [],
    unknown: [...new Set([...(base?.cost.unknown ?? []), ...head.cost.unknown])],
  };
}

function changeOf(item: string, before?: CostLine, after?: CostLine): CostChange[] {
  const money = {
    ...(before?.hourly ? { before: monthly(before.hourly) } : {}),
    ...(after?.hourly ? { after: monthly(after.hourly) } : {}),
  };
  if (!before || !after) {
    const line = after ?? before;
    // Prices by usage come and go with what is used; they say nothing on their own.
    if (line?.basis === CostBasis.Usage) return [];
    const quantity = line ? amount(line) : "";
    return [{ item, what: `${after ? "added" : "removed"}${quantity ? `: ${quantity}` : ""}`, ...money }];
  }
  const [from, to] = [amount(before), amount(after)];
  const priced = JSON.stringify(before.hourly) !== JSON.stringify(after.hourly);
  if (from === to && !priced) return [];
  return [{ item, what: from === to ? "another price" : `${from} → ${to}`, ...money }];
}

function monthly({ floor, ceiling }: Range): Range {
  return { floor: floor * hoursPerMonth, ceiling: ceiling * hoursPerMonth };
}
