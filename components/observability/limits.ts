import type { Bounds } from "../common/bounds";
import { largestVolumeGiB } from "../nodes/limits";

/** Days that metrics are kept. */
export const metricRetentionDays: Bounds = { least: 1, most: 365 };

/** Volume of Prometheus, GiB. */
export const metricStorageGiB: Bounds = { least: 10, most: largestVolumeGiB };
