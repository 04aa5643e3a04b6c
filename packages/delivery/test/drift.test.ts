import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { serve, type TestServer } from "../../../test/support/server";
import { command as driftCommand, driftMarker } from "../src/drift";
import { command as previewCommand } from "../src/preview";
import { type Programs, printed, programs } from "./programs";

const urn = (types: string, name: string) => `urn:pulumi:staging::inference-platform::${types}::${name}`;
const secret = "planted-secret-77aa";
const quiet = [
  { op: "same", urn: urn("pulumi:pulumi:Stack", "inference-platform-staging") },
  { op: "refresh", urn: urn("aws:ec2/vpc:Vpc", "network-vpc") },
  { op: "refresh", urn: urn("inference-platform:index:Network$aws:ec2/vpc:Vpc", "network-vpc") },
];
const changed = [
  ...quiet,
  {
    op: "update",
    urn: urn("aws:kms/key:Key", "keys::odd|name"),
    oldState: { inputs: { description: secret } },
    newState: { inputs: { description: secret } },
    detailedDiff: { description: { kind: "update" }, "tags.Name": { kind: "add" } },
    diffReasons: ["description", "tags"],
  },
  {
    op: "replace",
    urn: urn("inference-platform:index:Cluster$aws:eks/nodeGroup:NodeGroup", "gpu-nodes"),
    detailedDiff: { "instanceTypes[0]": { kind: "update-replace" } },
    replaceReasons: ["instanceTypes"],
  },
  { op: "create-replacement", urn: urn("aws:eks/nodeGroup:NodeGroup", "gpu-nodes") },
  { op: "delete-replaced", urn: urn("aws:eks/nodeGroup:NodeGroup", "gpu-nodes") },
];

let tools: Programs;
let folder: string;
let server: TestServer | undefined;

beforeEach(() => {
  tools = programs();
  folder = mkdtempSync(join(tmpdir(), "drift-"));
});
afterEach(async () => {
  tools.remove();
  rmSync(folder, { recursive: true });
  await server?.close();
  server = undefined;
});

/** As `pulumi preview --json` prints it: see engine.live.ts, which asks the real one. */
const pulumi = (result: object, code = 0) =>
  tools.print("pulumi", {
    stdout: JSON.stringify({ changeSummary: { same: 2 }, ...result }),
    stderr: "a warning",
    code,
  });

describe("npm run preview", () => {
  test("tells names and properties, dangerous changes first, and no value", async () => {
    pulumi({ steps: changed });
    const text = await printed(async () => expect(await previewCommand.run(["staging"])).toBe(0));
    expect(text).toBe(
      [
        "### pulumi preview: staging",
        "",
        "1 to replace, 1 to update; 2 resources as they are.",
        "",
        "| | type | name | properties |",
        "| --- | --- | --- | --- |",
        "| **replace** | `aws:eks/nodeGroup:NodeGroup` | `gpu-nodes` | `instanceTypes[0]`; forced by `instanceTypes` |",
        "| update | `aws:kms/key:Key` | `keys::odd name` | `description`, `tags.Name` |",
        "",
      ].join("\n"),
    );
    expect(tools.calls()[0]).not.toContain("--refresh");
  });

  test("of a stack that stays as it is has one line", async () => {
    pulumi({ steps: quiet });
    expect(await printed(() => previewCommand.run(["staging"]))).toContain(
      "No changes; 2 resources as they are.\n",
    );
  });

  test("that fails is written for the comment all the same", async () => {
    const out = join(folder, "deep/preview-staging.md");
    const summary = join(folder, "summary.md");
    vi.stubEnv("GITHUB_STEP_SUMMARY", summary);
    const message = "```\n</details> zones: must be\n";
    pulumi(
      {
        steps: quiet,
        diagnostics: [
          { severity: "error", message },
          { severity: "info", message: "hm" },
        ],
      },
      255,
    );
    await printed(async () => expect(await previewCommand.run(["staging", "--out", out])).toBe(1));
    expect(readFileSync(out, "utf8")).toMatch(
      /The preview failed\.[\s\S]*````text\n```\n<\/details> zones[\s\S]*````\n$/,
    );
    expect(readFileSync(summary, "utf8")).toContain("The preview failed.");
    tools.print("pulumi", { stderr: "error: could not assume the role", code: 1 });
    await printed(() => previewCommand.run(["staging", "--out", out]));
    expect(readFileSync(out, "utf8")).toContain("could not assume the role");
  });
});

describe("npm run drift", () => {
  /** A pretended GitHub with these open issues. */
  const github = async (open: object[]) => {
    server = await serve(({ method }, response) =>
      response.end(JSON.stringify(method === "GET" ? open : { number: 12 })),
    );
    vi.stubEnv("GITHUB_API_URL", server.url);
    vi.stubEnv("GITHUB_REPOSITORY", "acme/serving");
    vi.stubEnv("GITHUB_TOKEN", "t");
  };
  const written = () =>
    (server?.received ?? [])
      .filter(({ method }) => method !== "GET")
      .map(({ method, path, body }) => ({ method, path, body: JSON.parse(body) as { body: string } }));
  const look = async () =>
    printed(async () => expect(await driftCommand.run(["staging", "--issue"])).toBe(0));

  test("opens one issue, leaves it alone while nothing changes, updates it, and closes it", async () => {
    pulumi({ steps: changed });
    await github([]);
    expect(await look()).toContain("opened #12");
    expect(tools.calls()[0]).toEqual(expect.arrayContaining(["preview", "--refresh", "--json"]));
    const [opened] = written();
    expect(opened).toMatchObject({
      path: "/repos/acme/serving/issues",
      body: { title: "Drift in staging", labels: ["drift"] },
    });
    expect(opened?.body.body).toContain("`gpu-nodes`");
    expect(opened?.body.body).not.toContain(secret);

    const issue = { number: 12, title: "Drift in staging", body: opened?.body.body };
    const other = { number: 3, title: "Drift in prod", body: driftMarker("prod") };
    await github([other, issue]);
    expect(await look()).toContain("drift as in #12");
    expect(written()).toEqual([]);

    pulumi({ steps: changed.slice(0, -3) });
    expect(await look()).toContain("updated #12");
    expect(written()).toMatchObject([{ method: "PATCH", path: "/repos/acme/serving/issues/12" }]);

    pulumi({ steps: quiet });
    await github([other, issue]);
    expect(await look()).toContain("closed #12");
    expect(written()[1]).toMatchObject({ path: "/repos/acme/serving/issues/12", body: { state: "closed" } });
  });

  test("without drift or issue does nothing", async () => {
    pulumi({ steps: quiet });
    await github([]);
    expect(await look()).toMatch(/^No drift in `staging`/);
    expect(written()).toEqual([]);
  });

  test("that could not be looked for is reported as that, and fails", async () => {
    pulumi({ steps: [], diagnostics: [{ severity: "error", message: "AccessDenied" }] }, 255);
    await github([]);
    await printed(async () => expect(await driftCommand.run(["staging", "--issue"])).toBe(1));
    expect(written()[0]?.body).toMatchObject({ title: "Drift of staging cannot be told" });
  });

  test("is told before anything is run when it could not be reported", async () => {
    vi.stubEnv("GITHUB_TOKEN", "");
    vi.stubEnv("GITHUB_REPOSITORY", "");
    pulumi({ steps: [] });
    await expect(driftCommand.run(["staging", "--issue"])).rejects.toThrow("GITHUB_REPOSITORY is not set");
    expect(tools.calls()).toEqual([]);
  });

  test("for a person is an exit code", async () => {
    pulumi({ steps: changed });
    await printed(async () => expect(await driftCommand.run(["staging"])).toBe(1));
  });
});
