import { type ApiItem, ApiKind, type ApiMember } from "./read";

/** The API reference: Markdown by file name, one page for each folder of the components. */
export function apiPages(items: ApiItem[]): Record<string, string> {
  const folders = [...new Set(items.map(folderOf))].sort();
  const pages = folders.map((folder) => [
    `${folder}.md`,
    page(
      folder,
      items.filter((item) => folderOf(item) === folder),
      items,
    ),
  ]);
  return { "README.md": index(items, folders), ...Object.fromEntries(pages) };
}

const made = "<!-- Made by `npm run docs` from the comments in components/. -->";

function folderOf({ file }: ApiItem): string {
  return file.includes("/") ? (file.split("/")[0] ?? "") : "common";
}

function index(items: ApiItem[], folders: string[]): string {
  const rows = folders.map((folder) => {
    const own = items.filter((item) => folderOf(item) === folder);
    const components = own.filter((item) => item.kind === ApiKind.Component);
    const names = (components.length > 0 ? components : own).map((item) => link(item, ""));
    return `| [${folder}](${folder}.md) | ${names.join(", ")} |`;
  });
  return [
    made,
    "",
    "# API of `inference-platform/components`",
    "",
    "Every component takes `(name, args, opts?)`. Kubernetes objects go to the provider in `opts`; names of resources and objects",
    "start with the component's name or come from its arguments. A program begins with",
    "[registerSafeguards](safeguards.md#registersafeguards) and ends with [DeletionProtection](safeguards.md#deletionprotection).",
    "",
    "The examples are compiled by the tests, which also look at the results that they name. They use each other's variables: `network`,",
    "`cluster` and its `provider`, `prometheus`, a `pool` of up to three g6.xlarge, and `chat`, the `ServiceContract` of a vLLM service on it.",
    "",
    "| part | components |",
    "| --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

const kindOrder: ApiKind[] = [
  ApiKind.Component,
  ApiKind.Function,
  ApiKind.Interface,
  ApiKind.Values,
  ApiKind.Type,
  ApiKind.Constant,
];

function page(folder: string, own: ApiItem[], all: ApiItem[]): string {
  const args = new Map(
    own.filter(({ kind }) => kind === ApiKind.Component).map((item) => [item.signature, item]),
  );
  const sections = kindOrder.flatMap((kind) =>
    own
      // Arguments stand with their component.
      .filter((item) => item.kind === kind && !args.has(item.name))
      .map((item) => section(item, all)),
  );
  return [made, "", `# ${folder}`, "", sections.join("\n\n"), ""].join("\n");
}

function section(item: ApiItem, all: ApiItem[]): string {
  const types = linker(all);
  const head = [`## ${item.name}`, item.comment.text, item.comment.example].filter(
    (part) => part !== undefined,
  );
  switch (item.kind) {
    case ApiKind.Component: {
      const args = all.find((other) => other.name === item.signature);
      const given = args ? [`### ${args.name}`, table(allMembers(args, all), types, "argument")] : [];
      return [...head, ...given, "### Outputs", table(item.members, types, "output")].join("\n\n");
    }
    case ApiKind.Interface: {
      const base = item.signature ? [`\`${item.signature}\``] : [];
      return [...head, ...base, table(item.members, types, "property")].join("\n\n");
    }
    case ApiKind.Values:
      return [...head, values(item.members)].join("\n\n");
    case ApiKind.Function: {
      const params = Object.entries(item.comment.params).map(([name, text]) => `- \`${name}\`: ${text}`);
      const notes = [
        params.join("\n"),
        item.comment.returns && `Returns ${item.comment.returns}`,
        item.comment.throws && `Throws ${item.comment.throws}`,
      ].filter(Boolean);
      return [...head, `\`\`\`ts\n${item.name}${item.signature}\n\`\`\``, ...notes].join("\n\n");
    }
    default:
      return [...head, item.signature && `\`${item.signature}\``].filter(Boolean).join("\n\n");
  }
}

/** The members of an interface and those that it inherits. */
function allMembers(item: ApiItem, all: ApiItem[]): ApiMember[] {
  const bases = item.signature.replace(/^extends /, "").split(", ");
  const inherited = all.filter(({ name }) => bases.includes(name)).flatMap((base) => allMembers(base, all));
  return [...item.members, ...inherited];
}

function table(members: ApiMember[], types: (type: string) => string, title: string): string {
  if (members.length === 0) return "None.";
  const withDefaults = members.some((member) => member.comment.fallback !== undefined);
  const rows = members.map((member) => {
    const cells = [
      `\`${member.name}${member.optional ? "?" : ""}\``,
      types(member.type),
      cell(member.comment.text),
    ];
    const fallback = member.comment.fallback ?? (member.optional ? "" : "required");
    return `| ${(withDefaults ? [...cells, cell(fallback)] : cells).join(" | ")} |`;
  });
  const columns = [title, "type", "meaning", ...(withDefaults ? ["default"] : [])];
  return [`| ${columns.join(" | ")} |`, `|${" --- |".repeat(columns.length)}`, ...rows].join("\n");
}

function values(members: ApiMember[]): string {
  const rows = members.map(
    ({ name, type, comment }) => `| \`${name}\` | \`${type}\` | ${cell(comment.text)} |`,
  );
  return ["| name | value | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function cell(text: string): string {
  return text.replace(/\n\n/g, "<br>").replace(/\|/g, "\\|");
}

/** Writes a type, with a link where one of ours is the whole of it or the only one in it. */
function linker(all: ApiItem[]): (type: string) => string {
  return (type) => {
    const ours = [...new Set(type.match(/(?<![.\w])[A-Z]\w+/g) ?? [])].flatMap(
      (name) => all.find((item) => item.name === name) ?? [],
    );
    const written = `\`${type.replace(/\|/g, "\\|")}\``;
    const [only, ...others] = ours;
    return only && others.length === 0 ? `[${written}](${target(only)})` : written;
  };
}

function target(item: ApiItem): string {
  return `${folderOf(item)}.md#${item.name.toLowerCase()}`;
}

function link(item: ApiItem, path: string): string {
  return `[${item.name}](${path}${target(item)})`;
}
