import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    // An Output in a template string is a bug that prints a warning text into names; here it throws.
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    testTimeout: 30_000,
    // Plans of the shipped stacks are made in hooks, on a machine that does other things, too.
    hookTimeout: 60_000,
    // Loading the Pulumi SDKs takes most of a file's time: files in one worker share them. `evaluate` starts each
    // program from a clean SDK state.
    isolate: false,
    // By default one core is left idle.
    maxWorkers: "100%",
  },
});
