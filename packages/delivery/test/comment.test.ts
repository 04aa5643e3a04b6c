import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serve, type TestServer } from "../../../test/support/server";
import { postReview, type RunEvent, readSections } from "../src/comment";
import { commentCharacters, commentMarker, commentText, fairShares, harmless } from "../src/comment-text";
import { cut } from "../src/cut";
import { GitHub } from "../src/github";

const repository = "acme/serving";
const sha = "0123456789abcdef0123456789abcdef01234567";

let folder: string;
let server: TestServer;
/** What the pretended GitHub has. */
let comments: { id: number; body: string; user: { type: string } }[];
let pulls: { number: number; head: { sha: string; repo: { id: number } | null } }[];
let github: GitHub;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "comment-"));
  comments = [];
  pulls = [{ number: 7, head: { sha, repo: { id: 1 } } }];
  server = await serve((request, response) => {
    const url = new URL(request.path, server.url);
    const json = (value: unknown, headers = {}) =>
      response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    if (request.method !== "GET") return json({ id: 1 });
    if (url.pathname.endsWith("/pulls")) return json(pulls);
    const page = Number(url.searchParams.get("page") ?? 1);
    url.searchParams.set("page", String(page + 1));
    const more = comments.length > page * 100;
    json(
      comments.slice((page - 1) * 100, page * 100),
      more ? { link: `<${url}>; rel="next", <${url}>; rel="last"` } : {},
    );
  });
  github = new GitHub({ api: server.url, repository, token: "token-1" });
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const event = (run: Partial<RunEvent["workflow_run"]> = {}): RunEvent => ({
  repository: { id: 1, full_name: repository },
  workflow_run: {
    event: "pull_request",
    conclusion: "success",
    head_sha: sha,
    head_branch: "topic",
    head_repository: { id: 1, owner: { login: "acme" } },
    html_url: "https://github.com/acme/serving/actions/runs/1",
    ...run,
  },
});

const artifact = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
};
const written = () => server.received.filter(({ method }) => method !== "GET");

describe("the comment of a pull request", () => {
  test("is made once and updated afterwards, wherever it is among many", async () => {
    artifact({ number: "7\n", "diff-staging.md": "### staging\n\n1 to create\n" });
    expect(await postReview(github, event(), folder)).toBe("commented on #7");
    const [post] = written();
    expect(post?.path).toBe("/repos/acme/serving/issues/7/comments");
    expect(post?.headers.authorization).toBe("Bearer token-1");
    const { body } = JSON.parse(post?.body ?? "{}") as { body: string };
    expect(body.startsWith(commentMarker)).toBe(true);
    expect(body).toContain("1 to create");

    comments = Array.from({ length: 230 }, (_, id) => ({ id, body: "chat", user: { type: "User" } }));
    comments.push({ id: 999, body, user: { type: "Bot" } });
    expect(await postReview(github, event(), folder)).toBe("the comment on #7 says it already");
    artifact({ "diff-staging.md": "### staging\n\n2 to create\n" });
    expect(await postReview(github, event(), folder)).toBe("updated the comment on #7");
    expect(written().at(-1)).toMatchObject({
      method: "PATCH",
      path: "/repos/acme/serving/issues/comments/999",
    });
  });

  test("is never a person's comment that has the same marker", async () => {
    artifact({ number: "7", "diff-staging.md": "x" });
    comments = [{ id: 5, body: `${commentMarker} mine`, user: { type: "User" } }];
    expect(await postReview(github, event(), folder)).toBe("commented on #7");
  });

  test("goes to no pull request that the artifact merely claims", async () => {
    artifact({ number: "1", "diff-staging.md": "x" });
    await expect(postReview(github, event(), folder)).rejects.toThrow(
      "The artifact says pull request 1, the run belongs to 7: not posted.",
    );
    expect(written()).toEqual([]);
  });

  test.each([
    ["of newer commits", [{ number: 7, head: { sha: "f".repeat(40), repo: { id: 1 } } }]],
    ["from another repository with the same branch", [{ number: 7, head: { sha, repo: { id: 2 } } }]],
    ["that is closed", []],
  ])("is not written on a pull request %s", async (_, open) => {
    artifact({ number: "7", "diff-staging.md": "x" });
    pulls = open;
    expect(await postReview(github, event(), folder)).toMatch("nothing posted");
    expect(written()).toEqual([]);
  });

  test("of a fork has the plan, not a preview that the fork cannot have made", async () => {
    pulls = [{ number: 7, head: { sha, repo: { id: 42 } } }];
    artifact({ number: "7", "diff-staging.md": "the plan", "preview-staging.md": "invented" });
    await postReview(github, event({ head_repository: { id: 42, owner: { login: "eve" } } }), folder);
    expect(server.received[0]?.path).toContain("head=eve%3Atopic");
    const text = written()[0]?.body ?? "";
    expect(text).toContain("the plan");
    expect(text).toContain("from a fork");
    expect(text).not.toContain("invented");
  });

  test("says that nothing could be computed, and where the reason is", async () => {
    expect(await postReview(github, event({ conclusion: "failure" }), folder)).toBe("commented on #7");
    expect(written()[0]?.body).toMatch(/Nothing could be computed.*failure.*actions\/runs\/1/);
  });

  test("is not posted for runs that were cancelled or are of other events", async () => {
    expect(await postReview(github, event({ conclusion: "cancelled" }), folder)).toMatch("nothing posted");
    await expect(postReview(github, event({ event: "push" }), folder)).rejects.toThrow("push");
  });

  test("fails loudly with what GitHub says", async () => {
    await server.close();
    server = await serve((_, response) =>
      response.writeHead(403).end('{"message":"Resource not accessible"}'),
    );
    github = new GitHub({ api: server.url, repository, token: "t" });
    artifact({ number: "7", "diff-staging.md": "x" });
    await expect(postReview(github, event(), folder)).rejects.toThrow("403 Resource not accessible");
  });
});

describe("artifacts", () => {
  test("are read by name: nothing else, no links, nothing large", () => {
    artifact({ "diff-staging.md": "a", "evil.md": "b", "diff-..md": "c" });
    expect(readSections(folder).sections).toEqual([{ name: "diff-staging", text: "a" }]);
    symlinkSync("/etc/passwd", join(folder, "diff-prod.md"));
    expect(() => readSections(folder)).toThrow("diff-prod.md in the artifact is not a plain file");
    rmSync(join(folder, "diff-prod.md"));
    artifact({ "diff-prod.md": "x".repeat(1_000_001) });
    expect(() => readSections(folder)).toThrow("1000001 bytes");
  });

  test.each(["0", "7; rm", "-1", "7/../8", "99999999999"])("refuse %s as a number", (number) => {
    artifact({ number });
    expect(() => readSections(folder)).toThrow("not the number of a pull request");
  });
});

describe("text from a pull request", () => {
  test("notifies nobody, hides nothing, shows no pictures", () => {
    expect(harmless("hi @octocat, (@acme/team)")).toBe("hi @\u200boctocat, (@\u200bacme/team)");
    expect(harmless(`${commentMarker}\u202ex`)).toBe("x");
    expect(harmless("a <!<!-- -->-- hidden")).toBe("a &lt;!-- hidden");
    expect(harmless("unclosed `@octocat")).toBe("unclosed `@\u200boctocat");
    expect(harmless("![x](https://e.example/a.png) <img src=x>")).toBe(
      "!\u200b[x](https://e.example/a.png) &lt;img src=x>",
    );
    expect(harmless("image vllm@sha256:0a1b stays")).toBe("image vllm@sha256:0a1b stays");
  });

  test("always fits, however much there is, and every stack gets its part", () => {
    const long = (name: string) => ({ name, text: `### ${name}\n${"| a | b |\n".repeat(20_000)}` });
    const text = commentText(
      [long("diff-staging"), long("diff-prod"), { name: "preview-prod", text: "short\n" }],
      {
        commit: sha,
        runUrl: "https://x.example/1",
        conclusion: "success",
        fork: false,
      },
    );
    expect(text.length).toBeLessThanOrEqual(commentCharacters);
    expect(text).toMatch(
      /### diff-prod[\s\S]*Cut off here[\s\S]*### diff-staging[\s\S]*Cut off here[\s\S]*short/,
    );
  });

  test("is cut between lines, with everything closed", () => {
    const text = `<details>\n\n\`\`\`text\n${"<details> line\n".repeat(100)}\`\`\`\n</details>\n`;
    expect(cut(text, 300)).toMatch(/line\n```\n\n<\/details>\n\n_The rest was cut off\._\n$/);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("```", "````text", "<details>", "</details>", "text", "| row |"), {
          maxLength: 80,
        }),
        fc.integer({ min: 200, max: 400 }),
        (lines, limit) => {
          const whole = lines.join("\n");
          const kept = cut(whole, limit);
          // Deeply nested text closes with as much as it opened: it must still fit.
          expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 0));
          if (whole.length <= limit) expect(kept).toBe(whole);
        },
      ),
    );
  });

  test("shares of the room: the short ones whole, the long ones equal", () => {
    expect(fairShares([10, 500, 500], 110)).toEqual([10, 50, 50]);
    expect(fairShares([10, 20], 110)).toEqual([10, 20]);
  });
});
