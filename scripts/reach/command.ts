import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, keepGenerated, projectRoot, UserError } from "@inference-platform/kit";
import { planReach, planStack, reachTables } from "@inference-platform/planner";

/** The stacks whose plans are read. */
const stacks = ["staging", "prod"];

const page = "docs/security.md";
const [begin, end] = ["<!-- Made by `npm run reach` from the plans of the stacks. -->", "<!-- end -->"];

/** The tables of who may connect to whom, which must be the same in every stack. @throws UserError when they are not */
export async function stackTables(charts?: string): Promise<string> {
  const tables = new Set<string>();
  for (const stack of stacks) {
    const plan = await planStack({ stack, directory: projectRoot, charts });
    const unseen = plan.releases.filter(({ manifests }) => manifests === undefined);
    if (unseen.length > 0)
      throw new UserError(
        `${unseen.map(({ name, skipped }) => `${name}: ${skipped}`).join("; ")}. Name the folder with --charts.`,
      );
    tables.add(reachTables(planReach(plan)));
  }
  const [only, ...others] = tables;
  if (only === undefined || others.length > 0)
    throw new UserError(`the stacks ${stacks.join(" and ")} differ in who may connect to whom`);
  return only;
}

/** The page with these tables in it. */
export function pageWith(tables: string): string {
  const text = readFileSync(join(projectRoot, page), "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the tables`);
  return `${before}${begin}\n\n${tables}\n\n${end}${after}`;
}

/** The command `reach`. */
export const command = defineCommand({
  name: "reach",
  stack: false,
  summary: `Writes who may connect to whom into ${page}, from the network policies of every stack's plan.`,
  options: {
    charts: { type: "string", value: "FOLDER", help: "Folder with the archives of published charts." },
    check: { type: "boolean", help: "Write nothing; exit 1 when the page differs." },
  },
  exitCodes: {
    0: "the page is written, or as it must be",
    1: "with --check: the page differs; or a chart is missing",
    2: "wrong usage",
  },
  run: async ({ values }) => {
    const files = { [page]: pageWith(await stackTables(values.charts)) };
    return keepGenerated({ root: projectRoot, files, command: "reach" }, values.check);
  },
});
