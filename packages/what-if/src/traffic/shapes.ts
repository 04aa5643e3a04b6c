import { byRate, type Length, type Traffic } from "./traffic";

/** A typical chat service: medians of Azure's conversation trace of 2023, 1,020 tokens in and 129 out, spread lognormally. */
export const chatLengths: Length[] = Array.from({ length: 200 }, (_, index) => {
  const z = probit((index + 0.5) / 200);
  // Long prompts do not go with long answers: a fixed shuffle of the quantiles.
  const other = probit((((index * 73) % 200) + 0.5) / 200);
  return {
    input: Math.round(1020 * Math.exp(0.77 * z)),
    output: Math.max(1, Math.round(129 * Math.exp(0.95 * other))),
  };
});

export const Shape = { Steps: "steps", Ramp: "ramp", Diurnal: "diurnal", Spike: "spike" } as const;
export type Shape = (typeof Shape)[keyof typeof Shape];

/** Requests per second from `low` to `high` over the time; spikes last 30 s. */
export function shape(
  kind: Shape,
  low: number,
  high: number,
  seconds: number,
  lengths = chatLengths,
): Traffic {
  const rates: Record<Shape, (second: number) => number> = {
    steps: (second) => (Math.floor((second / seconds) * 6) % 2 === 0 ? low : high),
    ramp: (second) => low + ((high - low) * second) / seconds,
    // Lowest at 4 in the morning, highest at 16 o'clock; the evening falls more slowly than the morning rises.
    diurnal: (second) => {
      const phase = 2 * Math.PI * ((second % 86_400) / 86_400 - 16 / 24);
      return low + ((high - low) * (1 + Math.cos(phase - 0.35 * Math.sin(phase)))) / 2;
    },
    spike: (second) => (second % 3600 < 30 ? high : low),
  };
  return byRate({ name: `${kind} ${low}–${high}/s`, seconds, lengths, rate: rates[kind] });
}

/** Quantile of the normal distribution, by Acklam's central fit, enough for lengths. */
function probit(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p < 0.5 ? p : 1 - p));
  const z =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
  return p < 0.5 ? -z : z;
}
