import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "@inference-platform/kit";
import { expect, test } from "vitest";
import { coefficientsOf } from "../src/replica/calibrated";
import { HpaScaler } from "../src/scaler";
import { Bench } from "../src/scenario";
import { loadTraffic } from "../src/traffic/load";
import { inFlightSpec } from "../src/tune";

const traces = process.env.WHAT_IF_TRACES ?? join(cacheFolder(process.env), "traces");

test.skipIf(!existsSync(join(traces, "servegen-m-large-windows.csv.gz")))(
  "14 days of servegen-m-large, 237 million requests, are played in 60 s and 1 GB",
  async () => {
    // Of this process: other work on the machine does not count.
    const before = process.cpuUsage();
    const traffic = await loadTraffic("servegen-m-large", { traces });
    const bench = new Bench({
      traffic,
      engine: coefficientsOf("llama-3.1-8b", "H100").engine,
      prefixHits: 0,
      objective: { firstTokenSeconds: 2, perTokenSeconds: 0.05, share: 0.95 },
      pool: { min: 0, max: 100, replicasPerNode: 1 },
      startup: {
        node: { median: 60, p95: 90 },
        image: { median: 30, p95: 60 },
        load: { median: 60, p95: 90 },
      },
      path: { scrapeSeconds: 15, relistSeconds: 30, rateSeconds: 60 },
      min: 2,
      max: 80,
      longestSeconds: 300,
      seed: 1,
    });
    const setting = { target: 18, scaleUpPods: 2, scaleUpWindowSeconds: 30, scaleDownWindowSeconds: 300 };
    const outcome = bench.play(new HpaScaler(inFlightSpec({ min: 2, max: 80 }, setting)));
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    const gigabytes = process.memoryUsage().rss / 1e9;
    console.log(
      `${Math.round(outcome.arrived / 1e6)} million requests in ${seconds.toFixed(1)} s, ${gigabytes.toFixed(2)} GB`,
    );
    expect(bench.exact).toBe(false);
    expect(outcome.arrived).toBeGreaterThan(230e6);
    expect(seconds).toBeLessThan(60);
    expect(gigabytes).toBeLessThan(1);
  },
);
