import type { z } from "zod";
import { entryOf } from "../components/common/lookup";
import { Engine } from "../components/engines/profile";
import { type Settings, schema } from "./schema";
import { serviceSchema } from "./service-schema";

/** What of raw settings can be looked at, although parts of it are refused. */
export interface UsableSettings {
  settings: Partial<Settings>;
  /** Paths that were left out, or filled with something harmless: what is said of them is not the user's. */
  left: string[];
}

/** The groups without the keys that are wrong in themselves, so that these hide no contradictions of the others. */
export function usableSettings(raw: Record<string, unknown>): UsableSettings {
  const settings: Record<string, unknown> = {};
  const left: string[] = [];
  for (const [key, group] of Object.entries(schema.shape)) {
    const value = entryOf(raw, key);
    const found = key === "model" ? usableModel(value) : usable(group, value);
    if (found) {
      settings[key] = found.value;
      left.push(...found.left.map((below) => `${key}.${below}`));
    }
  }
  return { settings, left };
}

/** A value and the keys of it that do not count. */
interface Usable {
  value: unknown;
  left: string[];
}

/** @param fill what stands for required keys that are wrong */
function usable(type: z.ZodType, raw: unknown, fill: Record<string, unknown> = {}): Usable | undefined {
  const parsed = type.safeParse(raw);
  if (parsed.success) return parsed.data === undefined ? undefined : { value: parsed.data, left: [] };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const wrong = new Set(
    parsed.error.issues.flatMap((issue) =>
      issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [String(issue.path[0])],
    ),
  );
  const kept = Object.entries(raw).filter(([key]) => !wrong.has(key));
  const filled = Object.entries(fill).filter(([key]) => wrong.has(key));
  const again = type.safeParse(Object.fromEntries([...kept, ...filled]));
  return again.success ? { value: again.data, left: [...wrong] } : undefined;
}

/** Stands for required keys of a service; an engine that is wrong leaves nothing to check. */
const harmlessService = {
  name: "any",
  model: { id: "owner/name", weightsGiB: 0.001 },
  replicas: { min: 1, max: 1 },
};

function usableModel(raw: unknown): Usable | undefined {
  const services =
    typeof raw === "object" && raw !== null ? entryOf(raw as Record<string, unknown>, "services") : undefined;
  if (!Array.isArray(services) || services.length === 0) return undefined;
  const found = services.map((service, index) => ({
    index,
    ...usable(serviceSchema, service, harmlessService),
  }));
  return {
    value: { services: found.map(({ value, index }) => value ?? placeholder(index)) },
    left: found.flatMap(({ value, left = [], index }) =>
      value === undefined ? [`services[${index}]`] : left.map((key) => `services[${index}].${key}`),
    ),
  };
}

/** Keeps the places of the services after one that nothing is known of. */
function placeholder(index: number): unknown {
  return serviceSchema.parse({
    ...harmlessService,
    name: `any-${index}`,
    engine: Engine.Custom,
    gpus: 0,
    exposed: false,
    resources: { cpuMillis: 100, memoryMiB: 128 },
    custom: { image: "any:1", port: 8080, healthPath: "/", apiPaths: ["/v1"] },
  });
}
