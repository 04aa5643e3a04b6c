import { defineConfig } from "vitest/config";

// What takes minutes and installs packages: the package as others get it. `npm run test:package`.
export default defineConfig({
  test: {
    include: ["test/**/*.slow.ts"],
    env: { PULUMI_ERROR_OUTPUT_STRING: "true" },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
