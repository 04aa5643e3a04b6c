const factors: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/**
 * A Kubernetes quantity (`500m`, `2Gi`, `1e3`, 4) as a number of its base unit: cores, bytes, pieces.
 *
 * @throws Error for text that is no quantity.
 */
export function quantity(value: unknown): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTP]i?|Ki)?$/.exec(String(value).trim());
  const factor = factors[match?.[2] ?? ""];
  if (!match || factor === undefined)
    throw new Error(`${JSON.stringify(value)} is not a Kubernetes quantity`);
  return Number(match[1]) * factor;
}

/** A quantity of CPU in thousandths of a core. */
export function cpuMillis(value: unknown): number {
  return Math.max(0, Math.ceil(quantity(value) * 1000 - 1e-6));
}

/** A quantity of memory in MiB. */
export function memoryMiB(value: unknown): number {
  return quantity(value) / 2 ** 20;
}

/** A quantity of storage in GiB. */
export function storageGiB(value: unknown): number {
  return quantity(value) / 2 ** 30;
}
