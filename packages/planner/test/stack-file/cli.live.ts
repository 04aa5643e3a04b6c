import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configOfCli, pulumi, type StackConfig } from "./pulumi-cli";

interface Recorded {
  text: string;
  latin1?: boolean;
  config: StackConfig;
}

const recorded: Recorded[] = JSON.parse(readFileSync(join(__dirname, "recorded.json"), "utf8"));

// One process for each: what is refused cannot share a file.
describe.skipIf(!pulumi)(`Pulumi's CLI${pulumi ? "" : " (skipped: there is no pulumi)"}`, () => {
  it.each(recorded.map((file) => [JSON.stringify(file.text), file] as const))("%s", async (_, file) => {
    const found = await configOfCli(Buffer.from(file.text, file.latin1 ? "latin1" : "utf8"));
    expect(found).toEqual(file.config);
  });
});
