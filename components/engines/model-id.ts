import { folderRule } from "../common/folder";
import type { Problem } from "../common/problem";
import { isAllowed } from "../common/text";
import { modelNameRule } from "./limits";
import { Engine } from "./profile";

/** Engines that fetch models from the Hugging Face hub. */
export const hubEngines: Engine[] = [Engine.Vllm, Engine.Sglang, Engine.Tgi];

/** Stores from which an engine streams weights, or reads a model repository. */
const stores: Partial<Record<Engine, string[]>> = {
  [Engine.Vllm]: ["s3", "gs", "az"],
  [Engine.Sglang]: ["s3", "gs"],
  [Engine.Triton]: ["s3", "gs", "as"],
};

/** What is wrong with the name of a model for its engine. The path is `modelId`. */
export function modelIdProblems(engine: Engine, id: string): Problem[] {
  const refuse = (message: string, fix?: string): Problem[] => [
    { path: "modelId", value: id, message, ...(fix && { fix }) },
  ];
  if (id === "") return refuse("must name a model");
  if (!isAllowed(id, modelNameRule)) return refuse(modelNameRule.must);
  if (engine === Engine.Custom) return [];
  const known = stores[engine] ?? [];
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(id)?.[1]?.toLowerCase();
  const hub = /^https?:\/\/(www\.)?(huggingface\.co|hf\.co)\/([^/?#]+\/[^/?#]+)/i.exec(id)?.[3];
  if (hub) return refuse(allowed(engine), `Write ${hub}.`);
  if (scheme !== undefined) {
    const address = new RegExp(`^(${known.join("|")})://[a-z0-9][a-z0-9.-]+(/[^\\s?#]*)?$`);
    return known.includes(scheme) && address.test(id) ? [] : refuse(allowed(engine));
  }
  if (id.startsWith("/")) return isAllowed(id, folderRule) ? [] : refuse(allowed(engine));
  return hubEngines.includes(engine) && isHubId(id, engine) ? [] : refuse(allowed(engine));
}

function allowed(engine: Engine): string {
  const forms = [
    ...(hubEngines.includes(engine) ? ["a Hugging Face id (owner/name)"] : []),
    "an absolute folder",
    ...(stores[engine]?.length
      ? [`an address (${stores[engine].map((store) => `${store}://`).join(", ")})`]
      : []),
  ];
  return `must be ${forms.join(", or ")}`;
}

/** True for the form of a repository of the hub. Source: huggingface_hub 1.x, utils/_validators.py, validate_repo_id. */
export function isHubId(id: string, engine: Engine = Engine.Sglang): boolean {
  // vLLM takes one of several quantisations of a GGUF repository after a colon.
  const [repository = "", ...suffix] = id.split(":");
  if (suffix.length > (engine === Engine.Vllm ? 1 : 0) || suffix.some((part) => !/^\w+$/.test(part)))
    return false;
  const parts = repository.split("/");
  return (
    parts.length <= 2 &&
    repository.length <= 96 &&
    !/--|\.\./.test(repository) &&
    !repository.endsWith(".git") &&
    parts.every((part) => /^\w([\w.-]*\w)?$/.test(part))
  );
}
