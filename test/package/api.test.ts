import { relative } from "node:path";
import { describe, expect, it } from "vitest";
import { staleApiFiles } from "../../scripts/docs/command";
import { ApiKind, readApi } from "../../scripts/docs/read";

const root = `${__dirname}/../..`;
const api = readApi(`${__dirname.replace(/test.package$/, "components")}/index.ts`);
const members = api.flatMap((item) =>
  item.members.map((member) => ({ item, member, path: `${item.name}.${member.name}` })),
);

/** Types of the SDKs that outputs and getters have. */
const sdkTypes = ["Output", "Input", "Provider", "Release", "PodIdentityAssociation", "Resource", "RegExp"];
const builtIn = ["Record", "Partial", "Omit", "Promise"];

describe("what others import", () => {
  it("is explained, every name and every property of it", () => {
    const silent = [
      ...api.filter((item) => !item.comment.text).map((item) => item.name),
      ...members.filter(({ member }) => !member.comment.text).map(({ path }) => path),
    ];
    expect(silent, "a public property has no comment").toEqual([]);
  });

  it("says what happens when an optional property is left out", () => {
    const unsaid = members
      .filter(({ member }) => member.optional && member.comment.fallback === undefined)
      .filter(({ member }) => !/\babsent\b/i.test(member.comment.text));
    expect(
      unsaid.map(({ path }) => path),
      "give it @default, or say what it means when it is absent",
    ).toEqual([]);
  });

  it("names no type that cannot be imported", () => {
    const known = new Set([...api.map((item) => item.name), ...sdkTypes, ...builtIn]);
    const typesOf = (type: string) => type.replace(/"[^"]*"/g, "").match(/(?<![.\w])[A-Z]\w+/g) ?? [];
    const unknown = api
      .flatMap((item) => [
        item.signature,
        ...(item.kind === ApiKind.Values ? [] : item.members.map(({ type }) => type)),
      ])
      .flatMap(typesOf)
      .filter((name) => !known.has(name));
    expect([...new Set(unknown)], "export these from components/index.ts").toEqual([]);
  });

  it("is what the API reference and the record of public names say (after a change: npm run docs)", async () => {
    const stale = (await staleApiFiles()).map((path) => relative(root, path));
    expect(
      stale,
      "run `npm run docs`; a name or URN that goes needs an alias or a line in CHANGELOG.md",
    ).toEqual([]);
  });
});
