import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { type Comment, commentOf } from "./comment";

/** What a public name is. */
export const ApiKind = {
  Component: "component",
  Interface: "interface",
  /** An object of constants with the type of its values: an enumeration. */
  Values: "values",
  Function: "function",
  Constant: "constant",
  Type: "type",
} as const;
export type ApiKind = (typeof ApiKind)[keyof typeof ApiKind];

/** A property of a public class or interface, or one value of an enumeration. */
export interface ApiMember {
  name: string;
  /** Its type as it is written; of a value the value. */
  type: string;
  optional: boolean;
  comment: Comment;
}

/** A name that the package exports. */
export interface ApiItem {
  name: string;
  kind: ApiKind;
  /** Where it is declared, from the folder of the entry. */
  file: string;
  comment: Comment;
  members: ApiMember[];
  /** Of a function its parameters and result, of a component the type of its arguments, of a type or constant its type. */
  signature: string;
}

/**
 * What a module exports, from the text of the sources alone: a type checker would take seconds to read the SDKs' types.
 *
 * @param entry The file whose exports count.
 * @throws Error for an export that it cannot follow.
 */
export function readApi(entry: string): ApiItem[] {
  const root = dirname(entry);
  return [...exportsOf(entry)]
    .map(([name, declarations]) => itemOf(name, declarations, root))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  const known =
    parsed.get(file) ?? ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  parsed.set(file, known);
  return known;
}

type Declared = Map<string, ts.Node[]>;

/** Every exported name with its declarations: an enumeration has two, an object and a type. */
function exportsOf(file: string): Declared {
  const found: Declared = new Map();
  const add = (name: string, nodes: ts.Node[]) => found.set(name, [...(found.get(name) ?? []), ...nodes]);
  for (const statement of parse(file).statements) {
    if (ts.isExportDeclaration(statement)) {
      const from = statement.moduleSpecifier && moduleFile(file, statement.moduleSpecifier);
      if (!statement.exportClause && from) for (const [name, nodes] of exportsOf(from)) add(name, nodes);
      if (statement.exportClause && ts.isNamedExports(statement.exportClause))
        for (const { name, propertyName } of statement.exportClause.elements) {
          const original = (propertyName ?? name).text;
          add(name.text, declarationsOf(from ?? importedFrom(file, original), original));
        }
    } else if (isExported(statement)) {
      for (const [name, node] of namesOf(statement)) add(name, [node]);
    }
  }
  return found;
}

function declarationsOf(file: string, name: string): ts.Node[] {
  const nodes = exportsOf(file).get(name);
  if (!nodes) throw new Error(`${file} does not export ${name}`);
  return nodes;
}

function importedFrom(file: string, name: string): string {
  for (const statement of parse(file).statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (
      bindings &&
      ts.isNamedImports(bindings) &&
      bindings.elements.some((element) => element.name.text === name)
    )
      return moduleFile(file, statement.moduleSpecifier);
  }
  throw new Error(`${file} exports ${name}, which it neither declares nor imports`);
}

function moduleFile(from: string, specifier: ts.Expression): string {
  const path = join(dirname(from), (specifier as ts.StringLiteral).text);
  const file = [`${path}.ts`, join(path, "index.ts")].find(existsSync);
  if (!file) throw new Error(`${from} exports from ${path}, which is no source file`);
  return file;
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function namesOf(statement: ts.Statement): [string, ts.Node][] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map((declared) => [declared.name.getText(), statement]);
  const named = statement as ts.Statement & { name?: ts.Identifier };
  return named.name ? [[named.name.text, statement]] : [];
}

function itemOf(name: string, nodes: ts.Node[], root: string): ApiItem {
  const first = nodes[0];
  if (!first) throw new Error(`${name} has no declaration`);
  const item = {
    name,
    file: relative(root, first.getSourceFile().fileName),
    comment: commentOf(first),
    members: [],
    signature: "",
  };
  if (ts.isClassDeclaration(first))
    return {
      ...item,
      kind: ApiKind.Component,
      members: first.members.filter(isPublicField).map(memberOf),
      signature: argumentsOf(first),
    };
  if (ts.isInterfaceDeclaration(first)) {
    const bases = first.heritageClauses?.map((clause) => ` ${text(clause)}`).join("") ?? "";
    return {
      ...item,
      kind: ApiKind.Interface,
      members: first.members.map(memberOf),
      signature: bases.trim(),
    };
  }
  if (ts.isFunctionDeclaration(first)) {
    const parameters = first.parameters.map(text).join(", ");
    return {
      ...item,
      kind: ApiKind.Function,
      signature: `(${parameters}): ${first.type ? text(first.type) : "?"}`,
    };
  }
  if (ts.isTypeAliasDeclaration(first)) return { ...item, kind: ApiKind.Type, signature: text(first.type) };
  if (ts.isVariableStatement(first)) return constantOf(item, first, nodes.length > 1);
  throw new Error(`${name} is of a kind that is not documented: ${ts.SyntaxKind[first.kind]}`);
}

function constantOf(item: Omit<ApiItem, "kind">, statement: ts.VariableStatement, hasType: boolean): ApiItem {
  const declared = statement.declarationList.declarations.find((entry) => entry.name.getText() === item.name);
  const value = declared?.initializer;
  const object = value && ts.isAsExpression(value) ? value.expression : value;
  if (hasType && object && ts.isObjectLiteralExpression(object))
    return {
      ...item,
      kind: ApiKind.Values,
      members: object.properties.filter(ts.isPropertyAssignment).map((property) => ({
        name: property.name.getText(),
        type: text(property.initializer),
        optional: false,
        comment: commentOf(property),
      })),
    };
  return { ...item, kind: ApiKind.Constant, signature: declared?.type ? text(declared.type) : "" };
}

function isPublicField(
  member: ts.ClassElement,
): member is ts.PropertyDeclaration | ts.GetAccessorDeclaration {
  return ts.isPropertyDeclaration(member) || ts.isGetAccessorDeclaration(member);
}

function memberOf(member: ts.ClassElement | ts.TypeElement): ApiMember {
  const typed = member as ts.PropertyDeclaration;
  return {
    name: typed.name.getText(),
    type: typed.type ? text(typed.type) : "?",
    optional: typed.questionToken !== undefined,
    comment: commentOf(member),
  };
}

function argumentsOf(node: ts.ClassDeclaration): string {
  const made = node.members.find(ts.isConstructorDeclaration);
  const type = made?.parameters.find((parameter) => parameter.name.getText() === "args")?.type;
  return type ? text(type) : "";
}

function text(node: ts.Node): string {
  return node.getText().replace(/\s+/g, " ");
}
