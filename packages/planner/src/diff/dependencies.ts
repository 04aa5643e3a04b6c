import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

/** A project in a checkout, and the same project in an unpacked commit. */
export interface Places {
  /** The checkout's top folder. */
  checkout: string;
  /** The top folder of the unpacked commit. */
  unpacked: string;
  /** The project's folder in both. */
  prefix: string;
}

/**
 * Gives an unpacked project the packages that its checkout has installed, when its lock file is the same.
 *
 * @returns the folder in which `npm ci` must run instead, when it is another one.
 */
export function shareDependencies({ checkout, unpacked, prefix }: Places): string | undefined {
  // Packages can be installed above the project, too: for all workspaces of a repository at once.
  const folders = upwards(prefix);
  const locked = folders.find((folder) => existsSync(join(unpacked, folder, lockFile)));
  if (locked !== undefined && !isInstalled(checkout, unpacked, locked)) return join(unpacked, locked);
  for (const folder of folders) {
    const from = join(checkout, folder, "node_modules");
    if (existsSync(from)) share(from, join(unpacked, folder, "node_modules"), checkout);
  }
  return undefined;
}

const lockFile = "package-lock.json";

/** `a/b/` as `a/b`, `a` and the top. */
function upwards(prefix: string): string[] {
  const parts = prefix.split("/").filter(Boolean);
  return parts.map((_, at) => parts.slice(0, parts.length - at).join("/")).concat("");
}

function isInstalled(checkout: string, unpacked: string, folder: string): boolean {
  const ours = join(checkout, folder, lockFile);
  return (
    existsSync(ours) &&
    existsSync(join(checkout, folder, "node_modules")) &&
    readFileSync(ours, "utf8") === readFileSync(join(unpacked, folder, lockFile), "utf8")
  );
}

/**
 * Links what is installed, entry by entry: a package of the repository itself (a workspace) is there as a link to its
 * sources, and an unpacked commit must run its own.
 */
function share(from: string, to: string, checkout: string): void {
  // The repository may have the folder under version control.
  if (existsSync(to)) return;
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const own = entry.isSymbolicLink() ? ownSources(source, checkout) : undefined;
    if (own !== undefined) symlinkSync(own, target);
    else if (entry.name.startsWith("@") && entry.isDirectory()) share(source, target, checkout);
    else symlinkSync(source, target);
  }
}

/** The text of a link that leads into the checkout, relative; undefined for links to elsewhere. */
function ownSources(link: string, checkout: string): string | undefined {
  try {
    const text = readlinkSync(link);
    const inside = relative(realpathSync(checkout), realpathSync(link));
    if (inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
    if (inside.split(sep).includes("node_modules")) return undefined;
    return isAbsolute(text) ? relative(realpathSync(dirname(link)), realpathSync(link)) : text;
  } catch {
    // A link to nothing.
    return undefined;
  }
}
