import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serve, type TestServer } from "../../../test/support/server";
import { install } from "../src/tools/download";
import { publishedHash, type Release, releases } from "../src/tools/releases";

let folder: string;
let server: TestServer;
let files: Record<string, string | Buffer>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tools-"));
  files = {};
  server = await serve(({ path }, response) => {
    const file = files[path];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

describe("npm run tools", () => {
  test("asks the projects' own servers, for the machine's kind", () => {
    const urls = (arch: string) =>
      releases({ arch }).flatMap(({ files }) => files.flatMap(({ url, checksumUrl }) => [url, checksumUrl]));
    expect(urls("amd64").slice(0, 6)).toEqual([
      "https://github.com/pulumi/pulumi/releases/download/v3.250.0/pulumi-v3.250.0-linux-x64.tar.gz",
      "https://github.com/pulumi/pulumi/releases/download/v3.250.0/pulumi-3.250.0-checksums.txt",
      "https://github.com/etcd-io/etcd/releases/download/v3.6.5/etcd-v3.6.5-linux-amd64.tar.gz",
      "https://github.com/etcd-io/etcd/releases/download/v3.6.5/SHA256SUMS",
      "https://dl.k8s.io/release/v1.35.0/bin/linux/amd64/kube-apiserver",
      "https://dl.k8s.io/release/v1.35.0/bin/linux/amd64/kube-apiserver.sha256",
    ]);
    expect(urls("arm64")[0]).toMatch(/linux-arm64\.tar\.gz$/);
  });

  const archive = () => {
    mkdirSync(join(folder, "pulumi"));
    writeFileSync(join(folder, "pulumi/pulumi"), "the program");
    writeFileSync(join(folder, "pulumi/other"), "not wanted");
    execFileSync("tar", ["-czf", join(folder, "a.tar.gz"), "-C", folder, "pulumi"]);
    return readFileSync(join(folder, "a.tar.gz"));
  };
  const release = (): Release => ({
    name: "pulumi",
    version: "1",
    files: [
      {
        url: `${server.url}/a.tar.gz`,
        checksumUrl: `${server.url}/sums`,
        programs: [{ path: "pulumi/pulumi", name: "pulumi" }],
        archive: true,
      },
    ],
  });

  test("installs what has the published hash", async () => {
    const content = archive();
    files = { "/a.tar.gz": content, "/sums": `${"0".repeat(64)}  b.tar.gz\n${sha256(content)}  a.tar.gz\n` };
    await install(release(), join(folder, "bin"));
    const program = join(folder, "bin/pulumi");
    expect(readFileSync(program, "utf8")).toBe("the program");
    expect(statSync(program).mode & 0o777).toBe(0o755);
    expect(existsSync(join(folder, "bin/other"))).toBe(false);
  });

  test("installs nothing that has another, or none", async () => {
    files = { "/a.tar.gz": archive(), "/sums": `${"0".repeat(64)}  a.tar.gz\n` };
    await expect(install(release(), join(folder, "bin"))).rejects.toThrow("Not installed");
    files["/sums"] = `${"0".repeat(64)}  b.tar.gz\n`;
    await expect(install(release(), join(folder, "bin"))).rejects.toThrow("has no hash for a.tar.gz");
    delete files["/sums"];
    await expect(install(release(), join(folder, "bin"))).rejects.toThrow("404");
    expect(existsSync(join(folder, "bin"))).toBe(false);
  });

  test("reads the forms in which hashes are published", () => {
    const hash = sha256("x");
    expect(publishedHash(`${hash}\n`, "any")).toBe(hash);
    expect(publishedHash(`${hash.toUpperCase()} *./a.tar.gz\r\n`, "a.tar.gz")).toBe(hash);
    expect(publishedHash(`${hash}  a.tar.gz.sig\n${hash.slice(1)}  a.tar.gz`, "a.tar.gz")).toBeUndefined();
  });
});
