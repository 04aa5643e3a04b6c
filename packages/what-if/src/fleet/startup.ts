import { normal, type Random } from "../random";

/** A time that varies: lognormal by its median and 95th percentile, seconds. */
export interface Spread {
  median: number;
  p95: number;
}

/** What a new replica waits for, one after the other. */
export interface Startup {
  /** Node autoscaler's scan, instance launched, joined, GPU known. Only where no node is free. */
  node: Spread;
  /** Image pulled and container started; once per node. */
  image: Spread;
  /** Weights, engine, compilation, warm-up, until the readiness probe passes. */
  load: Spread;
}

/** Scan interval of the Cluster Autoscaler, and how long it leaves a node empty: its flags' defaults. */
export const scanSeconds = 10;
export const unneededSeconds = 600;

const z95 = 1.645;

export function drawSeconds({ median, p95 }: Spread, random: Random): number {
  if (median <= 0) return 0;
  return median * Math.exp((Math.log(Math.max(p95, median) / median) / z95) * normal(random));
}

/**
 * Start-up that was published, by what has been prepared: AKS with an A100 and no caches 966 s (kaito-project/kaito#2325),
 * EKS with SOCI and weights streamed from S3 86 s to Running (amazon-eks-user-guide, ml-inference-load-serve-model), compile
 * caches 6 instead of 53 to 80 s (fast-model-loading). Read in November 2026; the spreads are assumed.
 */
export function startupOf(options: {
  weightsGiB: number;
  imageCached: boolean;
  weightsCached: boolean;
}): Startup {
  const { weightsGiB, imageCached, weightsCached } = options;
  // A cold download at 0.25 GB/s, a node's disk at 1 GB/s.
  const weights = weightsGiB / (weightsCached ? 1 : 0.25);
  return {
    node: { median: 120, p95: 300 },
    image: imageCached ? { median: 5, p95: 10 } : { median: 100, p95: 330 },
    load: { median: weights + 90, p95: 1.5 * weights + 200 },
  };
}
