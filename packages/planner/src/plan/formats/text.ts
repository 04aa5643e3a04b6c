import { columns, type Palette, palette, textTable, wrapped } from "@inference-platform/kit";
import { dollarRange, dollars } from "../money";
import { CheckStatus, CostBasis, type Plan, type PlannedService } from "../types";
import { amount, headline, monthly, range, request, whereOf } from "./figures";
import { addressText, duration, hardwareText, limitsText, servedText, signalTexts } from "./services";
import { componentTree, describeCounts, type TreeNode } from "./tree";

/** How a plan is shown at a terminal. */
export interface TextOptions {
  /** @default false */
  colour?: boolean;
  /** Sources of prices, releases, and the details of checks that pass. @default false */
  verbose?: boolean;
  /** Columns to fill. @default those of the terminal, 80 to 120 */
  width?: number;
}

interface Page {
  plan: Plan;
  paint: Palette;
  width: number;
  verbose: boolean;
}

/** A plan for people at a terminal: what is served, what needs attention, what it costs, then the rest. */
export function textPlan(plan: Plan, options: TextOptions = {}): string {
  const { colour = false, verbose = false, width = columns() } = options;
  const paint = palette(colour);
  const page = { plan, paint, width, verbose };
  const { region } = plan.cost;
  const title = `${plan.project} / ${plan.stack}${region ? ` in ${region}` : ""}`;
  const sections = [
    [paint.bold(title), ...wrapped(headline(plan), width)],
    section(
      page,
      "Serves",
      plan.services.flatMap((service) => serviceLines(page, service)),
    ),
    section(page, "Needs attention", attentionLines(page)),
    section(page, `Cost in ${region || "no region"}, US dollars a month`, costLines(page)),
    section(page, "Placement", placementLines(page)),
    section(page, "Components", treeLines(page, componentTree(plan))),
    ...(verbose ? [section(page, "Releases", releaseLines(page))] : []),
    section(page, "Checks", checkLines(page)),
  ];
  const body = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
  const more = verbose ? "" : "; --verbose shows sources, releases and every check";
  return `${body}\n\n${paint.dim(`planned in ${plan.seconds} s${more}`)}\n`;
}

function section({ paint }: Page, title: string, lines: string[]): string[] {
  return lines.length > 0 ? [paint.bold(title), ...lines] : [];
}

function serviceLines({ paint, width }: Page, service: PlannedService): string[] {
  const { name, replicas, coldStartSeconds, monthly: share, gpusPerReplica } = service;
  const money = share ? `, ${dollarRange(share)} a month` : "";
  const start = gpusPerReplica > 0 ? "with a new node" : "with the image to pull";
  const rows: [string, string][] = [
    ["model", [servedText(service), limitsText(service)].filter(Boolean).join("; ")],
    ["replicas", `${range(replicas)} × ${hardwareText(service)}${money}`],
    ["scales on", signalTexts(service).join(", ") || "nothing: the number is fixed"],
    ["cold start", `about ${duration(coldStartSeconds)} ${start}`],
    ["address", addressText(service)],
  ];
  return [
    paint.bold(name),
    ...textTable(
      rows.map(([label, text]) => [`  ${label}`, text]),
      { width },
    ),
  ];
}

function attentionLines({ plan, paint, width }: Page): string[] {
  const marks = { fail: paint.red("FAIL"), warn: paint.yellow("WARN") };
  const rows = ([CheckStatus.Fail, CheckStatus.Warn] as const).flatMap((status) =>
    plan.checks
      .filter((check) => check.status === status)
      .map(({ id, detail }) => [marks[status], id, detail]),
  );
  const unknown = plan.cost.unknown.map((item) => [marks.warn, "price unknown", `${item}: not in the total`]);
  return textTable([...rows, ...unknown], { width });
}

function costLines({ plan, paint, width, verbose }: Page): string[] {
  const { cost } = plan;
  if (cost.lines.length === 0) return ["nothing of what the stack makes has a price of its own"];
  const priced = cost.lines.filter(({ basis }) => basis !== CostBasis.Usage);
  const source = (text: string) => (verbose ? [paint.dim(text)] : []);
  const rows = priced.map((line) => {
    const { floor, ceiling } = monthly(line);
    return [line.item, amount(line), floor, ceiling, ...source(line.source)];
  });
  const { hourly, monthly: month } = cost;
  const usage = cost.lines.filter(({ basis }) => basis === CostBasis.Usage);
  return [
    ...textTable(
      [
        ["", "", "floor", "ceiling", ...source("")],
        ...rows,
        ["total", "", dollars(month.floor), dollars(month.ceiling), ...source("")].map(paint.bold),
        ["an hour", "", dollars(hourly.floor), dollars(hourly.ceiling), ...source("")],
      ],
      { width, right: [2, 3] },
    ),
    ...(usage.length > 0
      ? wrapped(`by usage, not in the total: ${usage.map(usageText).join(", ")}`, width).map(paint.dim)
      : []),
    paint.dim(`oldest price of ${cost.pricesAsOf || "no date"}`),
  ];
}

function usageText({ item, unit }: Plan["cost"]["lines"][number]): string {
  return `${item} ${unit}`;
}

function placementLines({ plan, paint, width }: Page): string[] {
  const { pools, needed, workloads, notRendered } = plan.placement;
  const lines = pools.flatMap((pool) => {
    const free = pool.allocatable ? `${request(pool.allocatable)} for pods on each` : "capacity not known";
    const nodes = `${range(needed[pool.name] ?? pool.nodes)} × ${pool.instanceTypes.join(", ")}`;
    const here = workloads.filter((workload) => !workload.problem && workload.pools.join() === pool.name);
    return [`${pool.name}: ${nodes}, ${free}`, ...podLines(here, width)];
  });
  const others = workloads.filter(({ problem, pools: on }) => problem || on.length !== 1);
  const rest = others.flatMap((workload) => [
    workload.problem ? paint.red(whereOf(workload)) : whereOf(workload),
    ...podLines([workload], width),
  ]);
  const unseen = `not seen, so not placed: ${notRendered.join(", ")}`;
  return [...lines, ...rest, ...(notRendered.length > 0 ? wrapped(unseen, width).map(paint.yellow) : [])];
}

function podLines(workloads: Plan["placement"]["workloads"], width: number): string[] {
  return textTable(
    workloads.map(({ namespace, name, replicas, request: asked }) => [
      `  ${namespace}/${name}`,
      `${range(replicas)} × ${request(asked)}`,
    ]),
    { width },
  );
}

function treeLines({ paint, width }: Page, root: TreeNode): string[] {
  const lines: string[] = [];
  const walk = (node: TreeNode, prefix: string) => {
    node.children.forEach((child, at) => {
      const last = at === node.children.length - 1;
      const below = `${prefix}${last ? "   " : "│  "}`;
      lines.push(`${prefix}${last ? "└─" : "├─"} ${child.name} ${paint.dim(child.type)}`);
      const counts = child.counts.length > 0 ? describeCounts(child.counts) : "";
      const bar = child.children.length > 0 ? "│  " : "   ";
      if (counts)
        lines.push(
          ...wrapped(counts, width - below.length - 3).map((text) => `${below}${bar}${paint.dim(text)}`),
        );
      walk(child, below);
    });
  };
  walk(root, "");
  if (root.counts.length > 0)
    lines.push(...wrapped(`outside of components: ${describeCounts(root.counts)}`, width).map(paint.dim));
  return lines;
}

function releaseLines({ plan, paint, width }: Page): string[] {
  return textTable(
    plan.releases.map((release) => [
      `${release.namespace}/${release.name}`,
      `${release.chart.split("/").at(-1)} ${release.version}`.trim(),
      release.manifests
        ? `${release.manifests.length} objects`
        : paint.yellow(`not seen: ${release.skipped}`),
    ]),
    { width },
  );
}

function checkLines({ plan, paint, width, verbose }: Page): string[] {
  const passed = plan.checks.filter(({ status }) => status === CheckStatus.Pass);
  if (verbose)
    return textTable(
      passed.map(({ id, detail }) => [paint.green("pass"), id, detail]),
      { width },
    );
  return passed.length === 0
    ? []
    : wrapped(`${passed.length} pass: ${passed.map(({ id }) => id).join(", ")}`, width);
}
