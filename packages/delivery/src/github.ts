import { UserError } from "@inference-platform/kit";

/** Where requests go, and as whom. */
export interface GitHubAccess {
  /** Base of the REST API, `https://api.github.com` or a server of one's own. */
  api: string;
  /** `owner/name`. */
  repository: string;
  token: string;
}

/** Answers that may be better a moment later. */
const passing = new Set([429, 500, 502, 503, 504]);

/** Milliseconds before each further try. */
const pauses = [500, 2000];

/** Most pages of a list: a repository has fewer than 10,000 of what is looked for. */
const mostPages = 100;

/**
 * Access from what a workflow's environment has.
 *
 * @throws UserError naming the variable that is missing.
 */
export function accessFrom(env: NodeJS.ProcessEnv): GitHubAccess {
  const of = (name: string) => {
    const value = env[name];
    if (!value) throw new UserError(`${name} is not set: this runs in a GitHub workflow.`);
    return value;
  };
  return {
    api: (env.GITHUB_API_URL || "https://api.github.com").replace(/\/$/, ""),
    repository: of("GITHUB_REPOSITORY"),
    token: of("GITHUB_TOKEN"),
  };
}

/** The few calls of GitHub's REST API that are needed, on one repository. */
export class GitHub {
  constructor(private readonly access: GitHubAccess) {}

  /** GET of everything under `/repos/<repository>`. */
  async get<T>(path: string): Promise<T> {
    return (await this.send("GET", this.url(path))).json() as Promise<T>;
  }

  /** A list, over all its pages. */
  async list<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let next: string | undefined = this.url(`${path}${path.includes("?") ? "&" : "?"}per_page=100`);
    for (let page = 0; next && page < mostPages; page++) {
      const response: Response = await this.send("GET", next);
      items.push(...((await response.json()) as T[]));
      const link: string | undefined = /<([^>]+)>;\s*rel="next"/.exec(
        response.headers.get("link") ?? "",
      )?.[1];
      // A token goes to no other server.
      next = link?.startsWith(`${this.access.api}/`) ? link : undefined;
    }
    return items;
  }

  async post<T>(path: string, body: object): Promise<T> {
    return (await this.send("POST", this.url(path), body)).json() as Promise<T>;
  }

  async patch(path: string, body: object): Promise<void> {
    await this.send("PATCH", this.url(path), body);
  }

  private url(path: string): string {
    return `${this.access.api}/repos/${this.access.repository}${path}`;
  }

  private async send(method: string, url: string, body?: object): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(url, {
        method,
        redirect: "error",
        signal: AbortSignal.timeout(30_000),
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${this.access.token}`,
          "x-github-api-version": "2022-11-28",
          "user-agent": "inference-platform",
        },
        body: body && JSON.stringify(body),
      });
      if (response.ok) return response;
      const pause = pauses[attempt];
      // A POST that was answered with an error may still have been done: a second comment would be worse.
      if (pause === undefined || method === "POST" || !passing.has(response.status)) {
        throw new UserError(`GitHub: ${method} ${url}: ${response.status} ${await reason(response)}`);
      }
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

async function reason(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { message: string }).message;
  } catch {
    return text.slice(0, 200);
  }
}
