import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { command as deploy } from "../src/deploy";
import { command as drift } from "../src/drift";
import { command as preview } from "../src/preview";
import { command as smoke } from "../src/smoke";
import { printed } from "./programs";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "installed-"));
  const bin = join(cache, "inference-platform/tools/bin");
  mkdirSync(bin, { recursive: true });
  // Where `npm run tools` puts it. It says what PATH it got, as pulumi starts its language host from there.
  writeFileSync(join(bin, "pulumi"), '#!/bin/sh\necho "the installed one, PATH=$PATH" >&2\nexit 3\n');
  chmodSync(join(bin, "pulumi"), 0o755);
  vi.stubEnv("XDG_CACHE_HOME", cache);
  const withoutPulumi = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !/pulumi|tools/.test(folder));
  vi.stubEnv("PATH", withoutPulumi.join(delimiter));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test.each(Object.entries({ preview, drift, smoke, deploy }))(
  "%s runs the pulumi that npm run tools installed",
  async (name, command) => {
    let error = "";
    const text = await printed(() =>
      command.run(["staging"]).catch((caught: Error) => (error = caught.message)),
    );
    // The output of `up` is shown as it comes, past this process.
    if (name === "deploy") expect(text).toContain("staging: pulumi up failed");
    else expect(text + error).toMatch(/the installed one, PATH=\S*inference-platform.tools.bin/);
  },
);
