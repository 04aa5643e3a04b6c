import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { csvTraffic } from "../../src/traffic/csv";
import { loadTraffic } from "../../src/traffic/load";
import { bucketQuantiles, savedTraffic } from "../../src/traffic/prometheus";
import { servegen } from "../../src/traffic/servegen";
import { chatLengths, shape } from "../../src/traffic/shapes";
import { cut, meanRate, scaled } from "../../src/traffic/traffic";

const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((total, count) => total + count, 0);

test("requests of Azure's, Mooncake's and one's own columns are read, from the first on", () => {
  const azure = csvTraffic(
    "a",
    "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.4799600,3180,8\n",
  );
  expect(azure.requests(0, 10, 1)).toEqual([
    { at: 0, input: 4808, output: 10 },
    { at: expect.closeTo(0.5, 5), input: 3180, output: 8 },
  ]);
  const mooncake = csvTraffic("m", "timestamp_ms,input_tokens,output_tokens\n0,6758,500\n2500,7322,490\n");
  expect(mooncake.requests(0, 10, 1).map(({ at }) => at)).toEqual([0, 2.5]);
});

test("every wrong line is named with what is wrong, and a header without the columns", () => {
  const wrong = "time,input_tokens,output_tokens\n0,10,5\nnoon,10,5\n2,-1,5\n3,10,many\n";
  expect(() => csvTraffic("t.csv", wrong)).toThrow(
    /t\.csv: line 3: "noon" is no time.*\n.*line 4: "-1" is no number of input tokens.*\n.*line 5: "many" is no number of output tokens/,
  );
  expect(() => csvTraffic("t.csv", "a,b\n1,2\n")).toThrow(/line 1: the header needs a time/);
});

test("a saved answer of a range query plays its rates; what is none says why", () => {
  const matrix = (values: [number, string][]) =>
    JSON.stringify({ status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } });
  const traffic = savedTraffic(
    "q.json",
    matrix([
      [1000, "2"],
      [1060, "4"],
      [1120, "NaN"],
      [1180, "0"],
    ]),
    chatLengths,
  );
  expect(traffic.seconds).toBe(240);
  const counts = traffic.counts(60, 1);
  expect(counts[0]).toBeGreaterThan(60);
  expect(counts[1]).toBeGreaterThan(counts[0] as number);
  expect(() => savedTraffic("q.json", "{", chatLengths)).toThrow(/q\.json: not JSON/);
  expect(() => savedTraffic("q.json", '{"status":"error","error":"bad_data"}', chatLengths)).toThrow(
    /bad_data/,
  );
});

test("quantiles of a histogram's buckets are within the buckets", () => {
  const quantiles =
    bucketQuantiles([
      [100, 50],
      [200, 100],
      [Number.POSITIVE_INFINITY, 100],
    ]) ?? [];
  expect(quantiles[99]).toBeGreaterThan(98);
  expect(quantiles[99]).toBeLessThanOrEqual(101);
  expect(quantiles[199]).toBeLessThanOrEqual(200);
  expect(bucketQuantiles([[100, 0]])).toBeUndefined();
});

test("single requests and numbers per tick of a traffic are the same load, also scaled and cut", () => {
  const traffic = shape("diurnal", 5, 20, 4 * 3600);
  for (const one of [traffic, scaled(traffic, 2.5), scaled(traffic, 0.3), cut(traffic, 3600)]) {
    const single = one.requests(0, one.seconds, 3).length;
    expect(sum(one.counts(5, 3)) / single).toBeCloseTo(1, 1);
    expect(one.requests(0, 600, 3)).toEqual(one.requests(0, 600, 3));
  }
  expect(meanRate(scaled(traffic, 2)) / meanRate(traffic)).toBeCloseTo(2, 1);
});

test("a window of ServeGen holds its rate, single and as flows, and bursts as uneven as its clients", () => {
  const windows = `client,window_start_s,rate_per_s,cv,shape,p1,p2\n0,0,4,1,Gamma,1,1\n1,0,2,5,Gamma,1,1\n0,600,1,1,Gamma,1,1\n`;
  const lengths = "quantile,input_tokens,output_tokens\n0.25,100,10\n0.75,200,20\n";
  const traffic = servegen("s", windows, lengths);
  expect(traffic.seconds).toBe(1200);
  expect(traffic.requests(0, 600, 1).length).toBe(3600);
  expect(traffic.requests(600, 1200, 1).length).toBe(600);
  expect(sum(traffic.counts(5, 1).slice(0, 120))).toBeGreaterThan(2500);
});

test("what cannot be played is refused with what can", async () => {
  await expect(loadTraffic("nowhere.csv", {})).rejects.toThrow(
    /nowhere\.csv: there is no such file; it can be a public trace \(azure-code/,
  );
  await expect(loadTraffic("ramp:9-2", {})).rejects.toThrow(/the second number is the higher one/);
  const file = join(mkdtempSync(join(tmpdir(), "what-if-")), "t.csv");
  writeFileSync(file, "time,input_tokens,output_tokens\n0,1,1\n7200,1,1\n");
  expect((await loadTraffic(file, { days: 1 / 24 })).seconds).toBe(3600);
});
