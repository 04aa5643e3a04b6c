import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const root = resolve(__dirname, "../..");

/**
 * What the compiler says about programs that use the package, with the options of this repository and all in one go.
 *
 * @param sources Text by a name of the file.
 * @returns Messages by that name; empty for a program that compiles.
 */
export function compiled(sources: Record<string, string>): Record<string, string[]> {
  // Beside the examples, whose imports they have.
  const pathOf = (name: string) => join(root, "examples", `${name}.ts`);
  const texts = new Map(Object.entries(sources).map(([name, text]) => [pathOf(name), text]));
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  // Examples may wait at the top of a module, and need not use all that they make.
  Object.assign(options, { module: ts.ModuleKind.ES2022, noUnusedLocals: false });
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = texts.get(path);
    return text === undefined
      ? getSourceFile(path, version, ...rest)
      : ts.createSourceFile(path, text, version, true);
  };
  host.getCurrentDirectory = () => dirname(join(root, "package.json"));
  const program = ts.createProgram([...texts.keys()], options, host);
  return Object.fromEntries(
    Object.keys(sources).map((name) => {
      const file = program.getSourceFile(pathOf(name));
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))];
    }),
  );
}
