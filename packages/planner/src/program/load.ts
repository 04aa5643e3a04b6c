import Module, { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { projectRoot, UserError } from "@inference-platform/kit";

/**
 * A Pulumi program from its file, as the language host runs it: what the module exports is the stack's outputs, and
 * an exported function is called. Every call of the result runs the program anew.
 *
 * @throws UserError when the program would use another copy of the SDK than this process: resources would then be
 *   registered where nobody records them.
 */
export function programOf(file: string): () => unknown {
  const load = createRequire(file);
  const sdk = load.resolve("@pulumi/pulumi");
  if (sdk !== require.resolve("@pulumi/pulumi")) {
    throw new UserError(`${file} uses the Pulumi SDK of ${sdk}. Run the command of that project instead.`);
  }
  return () => {
    // Under a test runner nothing compiles what Node itself loads.
    if (!require.extensions[".ts"]) require("tsx/cjs/api").register();
    offerComponents();
    forgetSources(dirname(file));
    const program: unknown = load(file);
    const entry = hasDefaultFunction(program) ? program.default : program;
    return typeof entry === "function" ? entry() : entry;
  };
}

type Resolve = (request: string, ...rest: unknown[]) => string;
const resolver = Module as unknown as { _resolveFilename: Resolve };
let offered = false;

/**
 * Gives programs that import this package and have not installed it, as the examples, its components from here. Node has no
 * other way for `require` before version 22.
 */
function offerComponents(): void {
  if (offered) return;
  offered = true;
  const installed = resolver._resolveFilename;
  resolver._resolveFilename = (request, ...rest) => {
    if (request !== "inference-platform/components") return installed(request, ...rest);
    try {
      return installed(request, ...rest);
    } catch {
      return installed(join(projectRoot, "components"), ...rest);
    }
  };
}

function hasDefaultFunction(program: unknown): program is { default: () => unknown } {
  return typeof (program as { default?: unknown } | undefined)?.default === "function";
}

/** Makes the next `require` run the program's own modules again; packages stay. */
function forgetSources(directory: string): void {
  // The commands themselves may be in the same folder; they are running and hold state.
  const own = join(projectRoot, "packages") + sep;
  for (const loaded of Object.keys(require.cache)) {
    const source = loaded.startsWith(directory + sep) && !loaded.includes(`${sep}node_modules${sep}`);
    if (source && !loaded.startsWith(own)) delete require.cache[loaded];
  }
}
