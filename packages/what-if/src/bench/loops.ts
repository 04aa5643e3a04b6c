import type { Scaler, Sight } from "../scaler";
import type { Gauges } from "../serving/serving";

interface Range {
  min: number;
  max: number;
}

const clamp = ({ min, max }: Range, replicas: number) => Math.max(min, Math.min(max, replicas));

/** What the replicas say now; those that are not known yet say nothing. */
function known({ fleet, scraper, now }: Sight): Gauges[] {
  return fleet.pods.flatMap(({ id, ready }) => (ready ? (scraper.last(id, now) ?? []) : []));
}

/** Loops that average requests in flight over a window and divide by a target: KubeAI's and, with panic, Knative's. */
export function averagedScaler(
  range: Range,
  options: {
    target: number;
    windowSeconds: number;
    everySeconds: number;
    downAfterSeconds?: number;
    panic?: { windowSeconds: number; ratio: number };
  },
): Scaler {
  const samples: { at: number; total: number }[] = [];
  let lowerSince: number | undefined;
  let panicUntil = 0;
  const mean = (now: number, seconds: number) => {
    const recent = samples.filter(({ at }) => at > now - seconds);
    return recent.reduce((sum, { total }) => sum + total, 0) / Math.max(1, recent.length);
  };
  return {
    everySeconds: options.everySeconds,
    decide(sight) {
      const { now, fleet } = sight;
      samples.push({
        at: now,
        total: known(sight).reduce((sum, { running, waiting }) => sum + running + waiting, 0),
      });
      while ((samples[0]?.at ?? now) <= now - options.windowSeconds) samples.shift();
      const current = fleet.pods.length;
      const ready = Math.max(1, fleet.readyCount);
      let wanted = Math.ceil(mean(now, options.windowSeconds) / options.target);
      if (options.panic) {
        const urgent = Math.ceil(mean(now, options.panic.windowSeconds) / options.target);
        if (urgent >= options.panic.ratio * ready) panicUntil = now + options.windowSeconds;
        // In panic it only grows, and it halves at most otherwise.
        if (now < panicUntil) wanted = Math.max(current, urgent);
        wanted = Math.max(wanted, Math.floor(current / 2));
      }
      if (wanted >= current) lowerSince = undefined;
      else lowerSince ??= now;
      const held = lowerSince !== undefined && now - lowerSince < (options.downAfterSeconds ?? 0);
      return { replicas: clamp(range, held ? current : wanted) };
    },
  };
}

/** AIBrix' loops over the KV cache: tolerance 10 %, at most twice and half, no fewer than any wish of the last 300 s. */
export function kvScaler(range: Range, options: { target: number; perReplica: boolean }): Scaler {
  const wishes: { at: number; replicas: number }[] = [];
  return {
    everySeconds: 10,
    decide(sight) {
      const { now, fleet } = sight;
      const current = fleet.pods.length;
      const gauges = known(sight);
      if (gauges.length === 0) return { replicas: current };
      const mean = gauges.reduce((sum, { kvUsage }) => sum + kvUsage, 0) / gauges.length;
      const ratio = mean / options.target;
      const scaled = Math.ceil(options.perReplica ? current * ratio : ratio);
      const wish =
        Math.abs(ratio - 1) <= 0.1
          ? current
          : Math.max(Math.floor(current / 2), Math.min(2 * current, scaled));
      wishes.push({ at: now, replicas: wish });
      while ((wishes[0]?.at ?? now) <= now - 300) wishes.shift();
      return { replicas: clamp(range, Math.max(...wishes.map(({ replicas }) => replicas))) };
    },
  };
}
