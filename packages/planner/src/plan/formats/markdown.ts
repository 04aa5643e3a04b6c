import { markdownTable as table } from "@inference-platform/kit";
import { dollarRange, dollars } from "../money";
import type { Plan } from "../types";
import { amount, headline, monthly, range, request, whereOf } from "./figures";
import { mermaidPlan } from "./mermaid";
import { addressText, duration, engineText, hardwareText, signalTexts } from "./services";
import { componentTree, describeCounts, type TreeNode } from "./tree";

/** A plan for a page or a comment: summary first, details folded. */
export function markdownPlan(plan: Plan): string {
  const failed = plan.checks.filter((check) => check.status !== "pass");
  return [
    `## ${plan.project} / ${plan.stack}`,
    `${headline(plan)}.`,
    ...(failed.length > 0
      ? [list(failed.map((check) => `**${check.status}** \`${check.id}\`: ${check.detail}`))]
      : []),
    ...(plan.services.length > 0 ? ["### Services", servicesTable(plan)] : []),
    "### Architecture",
    `\`\`\`mermaid\n${mermaidPlan(plan).trimEnd()}\n\`\`\``,
    "### Components",
    treeLines(componentTree(plan)).join("\n"),
    "### Placement",
    table(
      ["pool", "nodes", "instance", "for pods on each"],
      plan.placement.pools.map((pool) => [
        pool.name,
        range(plan.placement.needed[pool.name] ?? pool.nodes),
        pool.instanceTypes.join(", "),
        pool.allocatable ? request(pool.allocatable) : "not known",
      ]),
    ),
    table(
      ["workload", "pods", "each asks for", "runs on"],
      plan.placement.workloads.map((workload) => [
        `${workload.namespace}/${workload.name}`,
        range(workload.replicas),
        request(workload.request),
        whereOf(workload),
      ]),
    ),
    ...notRendered(plan),
    "### Cost",
    costTable(plan),
    "### Checks",
    table(
      ["check", "result", "detail"],
      plan.checks.map((check) => [`\`${check.id}\``, check.status, check.detail]),
    ),
  ]
    .join("\n\n")
    .concat("\n");
}

function servicesTable({ services }: Plan): string {
  return table(
    ["service", "model", "engine", "replicas", "scales on", "cold start", "address", "GPUs per month"],
    services.map((service) => [
      service.name,
      service.model || "its own",
      engineText(service),
      `${range(service.replicas)} × ${hardwareText(service)}`,
      signalTexts(service).join(", "),
      duration(service.coldStartSeconds),
      addressText(service),
      service.monthly ? dollarRange(service.monthly) : "",
    ]),
  );
}

function costTable(plan: Plan): string {
  const { cost } = plan;
  const rows = cost.lines.map((line) => {
    const { floor, ceiling } = monthly(line);
    return [line.item, amount(line), floor, ceiling, line.source];
  });
  const total = [
    "**total**",
    "",
    `**${dollars(cost.monthly.floor)}**`,
    `**${dollars(cost.monthly.ceiling)}**`,
    "",
  ];
  const head = ["item", "quantity", "floor per month", "ceiling per month", "price from"];
  const unknown =
    cost.unknown.length > 0 ? `\n\nPrice unknown, not in the total: ${cost.unknown.join(", ")}.` : "";
  return `${table(head, [...rows, total])}${unknown}\n\nTraffic, logs and requests are not in the total.`;
}

function notRendered(plan: Plan): string[] {
  const skipped = plan.releases.filter((release) => release.skipped !== undefined);
  if (skipped.length === 0) return [];
  return [
    `Not seen, so not in these figures:\n\n${list(skipped.map((release) => `${release.name}: ${release.skipped}`))}`,
  ];
}

function treeLines(root: TreeNode, depth = 0): string[] {
  return root.children.flatMap((child) => {
    const counts = child.counts.length > 0 ? `: ${describeCounts(child.counts)}` : "";
    return [
      `${"  ".repeat(depth)}- **${child.name}** ${child.type}${counts}`,
      ...treeLines(child, depth + 1),
    ];
  });
}

function list(items: string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}
