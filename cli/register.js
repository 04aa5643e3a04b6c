// Runs TypeScript without compiling it anew every time: `node -r ./cli/register.js cli/main.ts`.
//
// What ts-node does in transpile-only mode, with the results kept in node_modules/.cache by the hash of the source.
// Compiling the project takes 1 to 3 s, reading the results 20 ms; and the compiler itself is loaded only when a file
// has changed. JavaScript, because it is what makes TypeScript run.

const { createHash } = require("node:crypto");
const { createRequire, enableCompileCache, SourceMap } = require("node:module");
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

const { sparePromises } = require("./spare-promises.js");

const root = dirname(__dirname);
const cache = join(root, "node_modules/.cache/inference-platform/compiled");
const config = readFileSync(join(root, "tsconfig.json"), "utf8");
const { version } = require("typescript/package.json");

// Node 22 and newer also keep what V8 makes of it, and of the SDKs: a sixth of a plan.
enableCompileCache?.(join(root, "node_modules/.cache/inference-platform/v8"));

/** Files in the cache above which it is emptied: every edit leaves one behind. */
const most = 2000;

function compile(source, file) {
  const ts = require("typescript");
  const { compilerOptions } = ts.parseConfigFileTextToJson("tsconfig.json", config).config;
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  const { outputText } = ts.transpileModule(source, {
    // The map names the source by its base name, so that the result holds wherever the same file is.
    compilerOptions: { ...options, noEmit: false, inlineSourceMap: true, inlineSources: false },
    fileName: file,
  });
  return outputText;
}

function keep(path, text) {
  try {
    mkdirSync(cache, { recursive: true });
    const files = readdirSync(cache);
    if (files.length > most) for (const old of files) rmSync(join(cache, old), { force: true });
    // Complete or not there: several processes may start at once.
    const partial = `${path}.${process.pid}`;
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch {
    // A read-only checkout only costs time.
  }
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The compiled text of a file, from the cache when it is there. */
function compiled(file) {
  const source = readFileSync(file, "utf8");
  const hash = createHash("sha256").update(version).update(config).update(source);
  const path = join(cache, `${hash.digest("hex").slice(0, 40)}.js`);
  let text = read(path);
  if (text === undefined) {
    text = compile(source, file);
    keep(path, text);
  }
  return text;
}

const underEngine = process.argv[1]?.includes("@pulumi/pulumi/cmd/run");

require.extensions[".ts"] = (module, file) => {
  // By now the SDK is loaded, in the order that it wants.
  if (underEngine) sparePromises();
  module._compile(compiled(file), file);
};

// Under the engine the SDK maps the positions of every stack; it finds the maps in what was compiled.
if (underEngine) {
  try {
    const { install } = createRequire(require.resolve("@pulumi/pulumi"))("source-map-support");
    install({ retrieveFile: (path) => (path.endsWith(".ts") ? compiled(path) : null) });
  } catch {
    // Without it the positions are those of the compiled text.
  }
}

/**
 * A stack trace with the positions of the sources. Node can do it by itself, but then it maps the stack of every resource,
 * too, which the SDK reads and no plan shows.
 *
 * @param {string} stack
 * @returns {string}
 */
exports.originalPositions = (stack) =>
  stack.replace(/(\/[^\s():]+\.ts):(\d+):(\d+)/g, (whole, file, line, column) => {
    try {
      const [, map] = /sourceMappingURL=data:application\/json;base64,(\S+)\s*$/.exec(compiled(file));
      const payload = JSON.parse(Buffer.from(map, "base64").toString());
      const entry = new SourceMap(payload).findEntry(Number(line) - 1, Number(column) - 1);
      return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    } catch {
      return whole;
    }
  });
