import type { Bounds } from "../common/bounds";
import { largestVolumeGiB } from "../nodes/limits";

/** Memory limit of the server, MiB. */
export const redisMemoryMiB: Bounds = { least: 64, most: 65_536 };

/** Volume of the append-only file, GiB. */
export const redisStorageGiB: Bounds = { least: 1, most: largestVolumeGiB };

/** Volume per memory: the append-only file may grow to twice the data before it is rewritten, beside the new one. */
export const storagePerMemory = 3;
