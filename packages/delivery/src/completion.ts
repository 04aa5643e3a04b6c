import { UserError } from "@inference-platform/kit";
import { eventData } from "./sse";

/** A model server to try, reachable over HTTP. */
export interface Endpoint {
  /** Name of the service. */
  service: string;
  /** `https://chat.llm.example.com`. */
  url: string;
  apiKey: string | undefined;
}

/** What one service answered. */
export interface SmokeResult {
  service: string;
  /** False when it has no API that a completion can be asked of. */
  tried: boolean;
  /** Lines for people; never the key. */
  lines: string[];
}

/** An answer that may be another one later: the load balancer's targets are not there yet. */
class NotYet extends Error {}

const notYet = new Set([502, 503, 504]);

/** Longest time for one request, milliseconds: a small model on a busy replica. */
const requestTimeout = 120_000;

const question = "Answer with one word: ready";
const maxTokens = 16;

/**
 * Asks a service for one real completion, and for one as a stream, with the API key.
 *
 * @param patience milliseconds for which a connection that fails or 502 to 504 are tried again.
 * @throws UserError saying what was asked and answered.
 */
export async function tryCompletions(endpoint: Endpoint, patience: number): Promise<SmokeResult> {
  const { service } = endpoint;
  const models = await eventually(patience, () => send(endpoint, "/v1/models"));
  if (models.status === 404) return withoutCompletions(endpoint);
  const model = (await json<{ data?: { id?: string }[] }>(models, "/v1/models")).data?.[0]?.id;
  if (!model) throw new UserError(`${service}: /v1/models lists no model.`);

  const path = await completionPath(endpoint, model, patience);
  const started = performance.now();
  const first = await eventually(patience, () => send(endpoint, path, request(path, model, false)));
  const answer = contentOf((await json<Completion>(first, path)).choices);
  if (!answer) throw new UserError(`${service}: ${path} answered with an empty completion.`);
  const seconds = ((performance.now() - started) / 1000).toFixed(2);

  const stream = await eventually(patience, () => send(endpoint, path, request(path, model, true)));
  const streamed = await readStream(service, stream, path);
  return {
    service,
    tried: true,
    lines: [
      `${service}: ${model} at ${endpoint.url}${path}`,
      `  completion: ${JSON.stringify(answer.slice(0, 60))} in ${seconds} s`,
      `  stream: ${streamed.parts} parts, the first after ${(streamed.firstAfter / 1000).toFixed(2)} s, to its end`,
    ],
  };
}

interface Choice {
  text?: string;
  message?: { content?: string | null; reasoning_content?: string | null };
  delta?: { content?: string | null; reasoning_content?: string | null };
}

interface Completion {
  choices?: Choice[];
}

function contentOf(choices: Choice[] | undefined): string {
  const choice = choices?.[0];
  const part = choice?.message ?? choice?.delta;
  return (part?.content || part?.reasoning_content || choice?.text) ?? "";
}

/** Models without a chat template, base models, take plain completions only: chat is then refused with 400. */
async function completionPath(endpoint: Endpoint, model: string, patience: number): Promise<string> {
  const chat = "/v1/chat/completions";
  const response = await eventually(patience, () => send(endpoint, chat, request(chat, model, false)));
  await response.body?.cancel();
  return response.status === 400 || response.status === 404 ? "/v1/completions" : chat;
}

function request(path: string, model: string, stream: boolean): object {
  const common = { model, stream, max_tokens: maxTokens, temperature: 0 };
  return path.endsWith("/chat/completions")
    ? { ...common, messages: [{ role: "user", content: question }] }
    : { ...common, prompt: question };
}

/** Servers of another protocol: Triton's health can be asked, of others nothing is known. */
async function withoutCompletions(endpoint: Endpoint): Promise<SmokeResult> {
  const { service } = endpoint;
  const ready = await send(endpoint, "/v2/health/ready");
  await ready.body?.cancel();
  const line = ready.ok
    ? `${service}: has no /v1/models, but /v2/health/ready is ${ready.status}; no completion was tried`
    : `${service}: has no /v1/models; no completion was tried (helm test ${service} sends its sample request)`;
  return { service, tried: false, lines: [line] };
}

async function readStream(service: string, response: Response, path: string) {
  const started = performance.now();
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok || !type.startsWith("text/event-stream") || !response.body) {
    throw new UserError(`${service}: ${path} with "stream": true: ${await told(response)}, ${type}`);
  }
  let parts = 0;
  let firstAfter = 0;
  for await (const data of eventData(response.body)) {
    if (data === "[DONE]") {
      if (parts === 0) throw new UserError(`${service}: the stream of ${path} ended without any content.`);
      return { parts, firstAfter };
    }
    if (!contentOf((parsed(data, service) as Completion).choices)) continue;
    if (parts++ === 0) firstAfter = performance.now() - started;
  }
  throw new UserError(`${service}: the stream of ${path} broke off after ${parts} parts, without [DONE].`);
}

function parsed(data: string, service: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new UserError(`${service}: an event of the stream is no JSON: ${data.slice(0, 200)}`);
  }
}

async function send({ service, url, apiKey }: Endpoint, path: string, body?: object): Promise<Response> {
  const where = `${url.replace(/\/$/, "")}${path}`;
  let response: Response;
  try {
    response = await fetch(where, {
      method: body ? "POST" : "GET",
      // The key goes where it was meant to and nowhere else.
      redirect: "manual",
      signal: AbortSignal.timeout(requestTimeout),
      headers: {
        ...(apiKey && { authorization: `Bearer ${apiKey}` }),
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
  } catch (error) {
    const cause = (error as Error).cause ?? error;
    throw new NotYet(
      `${service}: ${where}: ${(cause as Error).message || (cause as { code?: string }).code}`,
    );
  }
  if (notYet.has(response.status)) throw new NotYet(`${service}: ${where}: ${await told(response)}`);
  return response;
}

async function json<T>(response: Response, path: string): Promise<T> {
  if (!response.ok) throw new UserError(`${path}: ${await told(response)}`);
  return (await response.json()) as T;
}

async function told(response: Response): Promise<string> {
  const text = (await response.text()).trim().slice(0, 300);
  return `${response.status}${text ? ` ${text}` : ""}`;
}

/** Tries again while the answer may change, with a growing pause. */
async function eventually<T>(patience: number, attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + patience;
  for (let pause = 200; ; pause = Math.min(pause * 2, 10_000)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof NotYet)) throw error;
      if (performance.now() + pause > until) throw new UserError(error.message);
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}
