import { requestPathRule } from "../common/paths";
import type { Problem } from "../common/problem";
import { maySecret, namesSecret, secretIn } from "../common/secret-like";
import { textProblems } from "../common/text";
import { variableRule } from "../engines/limits";
import type { SampleRequest } from "../engines/profile";
import { contentBytes, fileNameRule } from "./limits";

/** What a service brings with it beside its server. */
export interface ServiceContent {
  env?: Record<string, string>;
  files?: Record<string, string>;
  sampleRequest?: SampleRequest;
}

/** What is wrong with variables, files and sample request, whatever the engine. */
export function contentProblems(content: ServiceContent): Problem[] {
  const { env = {}, files = {}, sampleRequest } = content;
  return [
    ...Object.entries(env).flatMap(([name, value]) => variableProblems(name, value)),
    ...Object.entries(files).flatMap(([name, text]) => fileProblems(name, text)),
    ...(sampleRequest ? requestProblems(sampleRequest) : []),
    ...sizeProblems(content),
  ];
}

const hubTokens = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/** The right way for a secret that somebody wrote into a variable. */
function rightWay(name: string): string {
  if (hubTokens.includes(name)) return "Run: pulumi config set --secret huggingFaceToken.";
  if (/^AWS_/.test(name))
    return "Give the pods a role: EKS Pod Identity brings credentials that end by themselves.";
  return "Variables and files are stored in plain text. Keep it in a Secret of Kubernetes, and let the server read it there.";
}

/** Longest text of one variable. Source: Linux, MAX_ARG_STRLEN (32 pages). */
const variableBytes = 131_072;

function variableProblems(name: string, value: string): Problem[] {
  const path = `env.${name}`;
  const wrong = textProblems(path, name, variableRule);
  if (wrong.length > 0) return wrong;
  const what = namesSecret(name) && maySecret(value) ? "a secret" : secretIn(value);
  if (what !== undefined)
    return [{ path, value: "[secret]", message: `must not hold ${what}`, fix: rightWay(name) }];
  if (value.includes("\0")) return [{ path, value, message: "must not have zero characters" }];
  const size = Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
  if (size <= variableBytes) return [];
  const message = `must have at most ${variableBytes} bytes, it has ${size}: no program starts with a longer one`;
  return [{ path, value, message, fix: "Make it one of the files." }];
}

/** Files that hold nothing but secrets. */
const secretFiles =
  /^(\.netrc|\.pgpass|\.env|\.git-credentials|\.dockerconfigjson|credentials|id_(rsa|ed25519|ecdsa)|token|kubeconfig|.*\.(p12|pfx|jks))$/i;

function fileProblems(name: string, text: string): Problem[] {
  const path = `files.${name}`;
  const wrong = textProblems(path, name, fileNameRule);
  if (wrong.length > 0) return wrong;
  const what =
    secretFiles.test(name) || namesSecret(name) ? "a secret, which its name tells" : secretIn(text);
  if (what === undefined) return [];
  return [{ path, value: "[secret]", message: `must not hold ${what}`, fix: rightWay(name) }];
}

function requestProblems({ method, path, body }: SampleRequest): Problem[] {
  const problems = textProblems("sampleRequest.path", path, requestPathRule);
  const refuse = (at: string, value: unknown, message: string, fix?: string) =>
    problems.push({ path: `sampleRequest.${at}`, value, message, ...(fix && { fix }) });
  const what = secretIn(path) ?? (body === undefined ? undefined : secretIn(body));
  if (what) refuse(secretIn(path) ? "path" : "body", "[secret]", `must not hold ${what}`);
  if (method === "POST" && body === undefined)
    refuse("body", undefined, "is missing: a POST has one", "Write its JSON text, or method: GET.");
  if (method === "GET" && body !== undefined) refuse("body", body, "must not be given: a GET has none");
  if (method !== "GET" && body !== undefined && !isJson(body))
    refuse("body", body, "must be JSON text, which is what the request says that it is");
  return problems;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function sizeProblems({ env = {}, files = {}, sampleRequest }: ServiceContent): Problem[] {
  const bytes = (texts: Record<string, string>) =>
    Object.entries(texts).reduce(
      (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text),
      0,
    );
  const [variables, contents] = [bytes(env), bytes(files)];
  const size = variables + contents + Buffer.byteLength(sampleRequest?.body ?? "");
  if (size <= contentBytes) return [];
  const path = contents >= variables ? "files" : "env";
  return [
    {
      path,
      value: Object.keys(path === "files" ? files : env),
      message: `must not exceed ${contentBytes} bytes together with the rest of the service's texts, they have ${size}`,
      fix: "Put models and other large files on a claim (model.cache).",
    },
  ];
}
