import { UserError } from "@inference-platform/kit";
import { byRate, type Length, type Traffic } from "./traffic";

/** Answer of a range query, and the part of it that is used. */
interface RangeAnswer {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: { metric: Record<string, string>; values: [number, string][] }[] };
}

/** Rates over time, in requests per second: what the engines count. */
export const rateQuery =
  "sum(rate(vllm:request_success_total[2m])) or sum(rate(sglang:num_requests_total[2m]))";
/** Shares of lengths: of the engines' own histograms. */
export const lengthQueries = {
  input: "sum by (le) (increase(vllm:request_prompt_tokens_bucket[1d]))",
  output: "sum by (le) (increase(vllm:request_generation_tokens_bucket[1d]))",
};
const stepSeconds = 60;

/** A saved answer of Prometheus' query_range over requests per second. @throws UserError when it is none */
export function savedTraffic(name: string, text: string, lengths: Length[]): Traffic {
  let answer: RangeAnswer;
  try {
    answer = JSON.parse(text) as RangeAnswer;
  } catch (error) {
    throw new UserError(`${name}: not JSON: ${(error as Error).message}`);
  }
  if (answer.status === "error")
    throw new UserError(`${name}: Prometheus answered with an error: ${answer.error}`);
  const series = answer.data?.result ?? [];
  if (answer.data?.resultType !== "matrix" || series.length === 0)
    throw new UserError(
      `${name}: not an answer of /api/v1/query_range with at least one series (resultType matrix).`,
    );
  const rates = new Map<number, number>();
  for (const { values } of series)
    for (const [at, value] of values) {
      const rate = Number(value);
      if (Number.isFinite(rate)) rates.set(at, (rates.get(at) ?? 0) + Math.max(0, rate));
    }
  const times = [...rates.keys()].sort((a, b) => a - b);
  const start = times[0] as number;
  const end = times[times.length - 1] as number;
  if (times.length < 2) throw new UserError(`${name}: fewer than two points in time.`);
  const gap = Math.min(...times.slice(1).map((at, index) => at - (times[index] as number)));
  let at = 0;
  const rate = (second: number) => {
    const wanted = start + second;
    if ((times[at] as number) > wanted) at = 0;
    while (at + 1 < times.length && (times[at + 1] as number) <= wanted) at += 1;
    return rates.get(times[at] as number) ?? 0;
  };
  return byRate({
    name,
    seconds: end - start + gap,
    lengths,
    rate,
    notes: [`arrivals between the points, ${gap} s apart, are taken to be Poisson`],
  });
}

/** The last days of a live Prometheus: rates, and lengths from the engines' histograms. */
export async function liveTraffic(
  address: string,
  days: number,
  fallback: Length[],
  now = Date.now() / 1000,
): Promise<Traffic> {
  const base = address.replace(/\/+$/, "");
  const ask = async (path: string) => {
    const answer = await fetch(`${base}${path}`).catch((error: Error) => {
      throw new UserError(`${base}: cannot be asked: ${error.cause ?? error.message}`);
    });
    return answer.text();
  };
  const range = new URLSearchParams({
    query: rateQuery,
    start: String(now - days * 86_400),
    end: String(now),
    step: String(stepSeconds),
  });
  const text = await ask(`/api/v1/query_range?${range}`);
  const read = async (query: string) => {
    const answer = JSON.parse(await ask(`/api/v1/query?${new URLSearchParams({ query })}`)) as {
      data?: { result?: { metric: { le?: string }; value: [number, string] }[] };
    };
    return bucketQuantiles(
      (answer.data?.result ?? []).map(({ metric, value }) => [Number(metric.le), Number(value[1])]),
    );
  };
  const [input, output] = [await read(lengthQueries.input), await read(lengthQueries.output)];
  const lengths =
    input && output
      ? input.map((tokens, n) => ({ input: tokens, output: output[(n * 73) % output.length] as number }))
      : fallback;
  return savedTraffic(base, text, lengths);
}

/** Two hundred quantiles of a histogram's cumulative buckets, straight within a bucket; none of an empty one. */
export function bucketQuantiles(buckets: [number, number][]): number[] | undefined {
  const sorted = buckets.filter(([, count]) => Number.isFinite(count)).sort((a, b) => a[0] - b[0]);
  const total = sorted[sorted.length - 1]?.[1] ?? 0;
  if (total === 0) return undefined;
  return Array.from({ length: 200 }, (_, n) => {
    const rank = ((n + 0.5) / 200) * total;
    const at = sorted.findIndex(([, count]) => count >= rank);
    const [high, upTo] = sorted[at] as [number, number];
    const [low, before] = at > 0 ? (sorted[at - 1] as [number, number]) : [0, 0];
    const value = Number.isFinite(high)
      ? low + ((high - low) * (rank - before)) / Math.max(1e-9, upTo - before)
      : low;
    return Math.max(1, Math.round(value));
  });
}
