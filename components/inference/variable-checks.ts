import { entryOf } from "../common/lookup";
import type { Problem } from "../common/problem";
import { engineCatalog } from "../engines";
import type { EngineProfile } from "../engines/profile";

/** Variables that no service may set, with the reason. */
const refusedVariables: Record<string, string> = {
  CUDA_VISIBLE_DEVICES: "which GPUs a pod has, the device plugin says",
  NVIDIA_VISIBLE_DEVICES: "which GPUs a pod has, the device plugin says: this would open those of other pods",
  PATH: "it would replace the image's own, and nothing is found any more",
};

/** Values with which a switch is off. */
const off = ["", "0", "false"];

/** What is wrong with a service's variables for its engine: those that break it, or have no effect. */
export function engineVariableProblems(
  profile: EngineProfile,
  env: Record<string, string>,
  usesRedis: boolean,
): Problem[] {
  const engine = entryOf(engineCatalog, profile.engine);
  return Object.entries(env).flatMap(([name, value]): Problem[] => {
    const refuse = (message: string, fix: string): Problem[] => [
      { path: `env.${name}`, value, message, fix },
    ];
    const dangerous = off.includes(value.toLowerCase())
      ? undefined
      : entryOf(engine?.dangerousVariables ?? {}, name);
    if (dangerous) return refuse(`must not be set: it ${dangerous}`, "Remove it.");
    const reason = entryOf(refusedVariables, name);
    if (reason) return refuse(`must not be set: ${reason}`, "Remove it.");
    if (name === profile.apiKeyVariable || name === profile.huggingFaceTokenVariable)
      return refuse("has no effect: the platform sets it from a Secret", "Remove it.");
    if (usesRedis && /^REDIS_(HOST|PORT|USERNAME|PASSWORD|URL)$/.test(name))
      return refuse("has no effect: the platform sets it from the Secret of Redis", "Remove it.");
    if (isPlatforms(profile, name))
      return refuse("must not replace what the platform sets: only there the engine can write", "Remove it.");
    const instead = ownedBy(engine?.variablesOfFlags ? engine.ownedFlags : {}, name);
    return instead === undefined ? [] : refuse("has no effect: the platform gives the argument", instead);
  });
}

/** Folders and the user's name; what else the platform sets is a choice that a service may make differently. */
function isPlatforms(profile: EngineProfile, name: string): boolean {
  const own = profile.env.find((variable) => variable.name === name);
  return own !== undefined && (own.value.startsWith("/") || name === "USER" || name === "LOGNAME");
}

/** What to use in place of a variable that stands for a flag: `MODEL_ID` for `--model-id`. */
function ownedBy(flags: Readonly<Record<string, string>>, name: string): string | undefined {
  return entryOf(flags, `--${name.toLowerCase().replaceAll("_", "-")}`);
}
