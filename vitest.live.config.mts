import { defineConfig } from "vitest/config";

// The command `rehearse` as a process, with a real control plane. `npm run test:live`.
export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.live.ts"],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
