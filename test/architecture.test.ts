import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, posix, relative, sep } from "node:path";
import { projectRoot } from "@inference-platform/kit";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** One import in one file, as it is written. */
interface Import {
  from: string;
  to: string;
}

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const manifest = (folder: string) => JSON.parse(read(posix.join(folder, "package.json")));

/** TypeScript below a folder, by path from the project; nothing that is only a fixture. */
function sources(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
    .map((file) => posix.join(folder, file.split(sep).join("/")))
    .filter((file) => /\.m?ts$/.test(file) && !/(^|\/)(node_modules|fixtures|dist)\//.test(file));
}

/** Every import of a file, of types too, static and dynamic. Those of the project's own files are paths from the project. */
function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(read(file), true, true);
  return importedFiles.map(({ fileName }) => ({
    from: file,
    to: fileName.startsWith(".")
      ? relative(projectRoot, join(projectRoot, dirname(file), fileName))
          .split(sep)
          .join("/")
      : fileName,
  }));
}

const packages = readdirSync(join(projectRoot, "packages")).sort();
const packageName = (name: string) => `@inference-platform/${name}`;

/** Which folders of the project each may import, and which packages by their names. Arrows only point down. */
const allowed: Record<string, { folders: string[]; packages: string[] }> = {
  components: { folders: [], packages: [] },
  settings: { folders: ["components"], packages: [] },
  "index.ts": { folders: ["components", "settings"], packages: [] },
  "packages/kit": { folders: ["components"], packages: [] },
  "packages/planner": { folders: ["components", "settings"], packages: ["kit"] },
  "packages/what-if": { folders: ["components", "settings"], packages: ["kit", "planner"] },
  "packages/rehearsal": { folders: ["components", "settings"], packages: ["kit", "planner"] },
  "packages/delivery": { folders: ["components", "settings"], packages: ["kit", "planner"] },
  scripts: { folders: ["components", "settings"], packages },
};

const filesOf = (zone: string) => (zone.endsWith(".ts") ? [zone] : sources(zone));
const isTest = (file: string) => /\/test\//.test(file);

describe("arrows only point down", () => {
  it("the packages are those that the rules are about", () => {
    expect(
      Object.keys(allowed)
        .filter((zone) => zone.startsWith("packages/"))
        .sort(),
    ).toEqual(packages.map((name) => `packages/${name}`));
  });

  it.each(Object.entries(allowed))("%s", (zone, { folders, packages: named }) => {
    const own = (to: string) => to === zone || to.startsWith(`${zone}/`) || to === "package.json";
    const upward = filesOf(zone)
      // A test may take what all tests share.
      .flatMap((file) =>
        importsOf(file).filter(({ to }) => !(isTest(file) && to.startsWith("test/support/"))),
      )
      .filter(({ to }) => {
        if (to.startsWith(packageName(""))) return !named.map(packageName).includes(to);
        return (
          isOwnPath(to) && !own(to) && !folders.some((folder) => to === folder || to.startsWith(`${folder}/`))
        );
      });
    expect(upward).toEqual([]);
  });
});

const top = new Set(readdirSync(projectRoot));
const isOwnPath = (to: string) => top.has(to.split("/")[0] ?? "") || to.startsWith("..");

describe.each(["components", ...packages.map((name) => `packages/${name}/src`)])("folders of %s", (root) => {
  it("have no circles, not even of types", () => {
    expect(circles(folderGraph(root))).toEqual([]);
  });
});

/** Which folders directly below `root` import which others. Files directly in it, such as the entry, stand above all. */
function folderGraph(root: string): Map<string, Map<string, string>> {
  const graph = new Map<string, Map<string, string>>();
  const folderOf = (path: string) => {
    const [folder, ...rest] = path.slice(root.length + 1).split("/");
    return rest.length > 0 ? folder : undefined;
  };
  for (const file of sources(root)) {
    const from = folderOf(file);
    if (from === undefined) continue;
    for (const { to } of importsOf(file)) {
      if (!to.startsWith(`${root}/`)) continue;
      // `../signals` is the entry of a folder.
      const folder = folderOf(to) ?? to.slice(root.length + 1);
      if (folder === from) continue;
      const edges = graph.get(from) ?? new Map<string, string>();
      graph.set(from, edges.set(folder, `${file} imports ${to}`));
    }
  }
  return graph;
}

/** The arrows that close a circle, each by one import that makes it. */
function circles(graph: Map<string, Map<string, string>>): string[] {
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
    [...(graph.get(from)?.keys() ?? [])].some((next) => {
      if (next === goal) return true;
      if (seen.has(next)) return false;
      return reaches(next, goal, seen.add(next));
    });
  return [...graph].flatMap(([from, edges]) =>
    [...edges].filter(([to]) => reaches(to, from)).map(([, evidence]) => evidence),
  );
}

describe("what is imported is declared", () => {
  const root = manifest(".");
  const declared = (folder: string) => {
    const { name, dependencies = {}, devDependencies = {}, peerDependencies = {} } = manifest(folder);
    return { [name]: "", ...dependencies, ...devDependencies, ...peerDependencies };
  };

  it.each([
    { folder: ".", files: ["index.ts", ...["components", "settings", "scripts", "test"].flatMap(sources)] },
    ...packages.map((name) => ({ folder: `packages/${name}`, files: sources(`packages/${name}`) })),
  ])("by $folder", ({ folder, files }) => {
    // Tests of all packages are run by the project's runner.
    const shared = ["vitest", "fast-check"];
    const known = new Set([
      ...Object.keys(declared(folder)),
      ...(folder === "." ? packages.map(packageName) : shared),
    ]);
    const missing = files
      .flatMap(importsOf)
      .filter(({ to }) => !isOwnPath(to) && !isBuiltin(to))
      .filter(({ to }) => !known.has(/^(@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? to));
    expect(missing).toEqual([]);
  });

  it("in one version", () => {
    const versions = { ...root.devDependencies, ...root.dependencies };
    const other = packages.flatMap((name) =>
      Object.entries<string>(manifest(`packages/${name}`).dependencies ?? {})
        .filter(([dependency, version]) => dependency in versions && versions[dependency] !== version)
        .map(([dependency, version]) => `${name}: ${dependency} ${version}`),
    );
    expect(other).toEqual([]);
  });
});

it("every package says on one page what it is", () => {
  const without = packages.filter((name) => {
    const files = readdirSync(join(projectRoot, "packages", name));
    return !files.includes("README.md") || !files.includes("src") || !files.includes("test");
  });
  expect(without).toEqual([]);
});
