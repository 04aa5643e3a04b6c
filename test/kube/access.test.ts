import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kubeconfigJson } from "../../components/cluster/kubeconfig";
import { accessOf } from "../../components/kube/access";

const base64 = (text: string) => Buffer.from(text).toString("base64");

function kubeconfig(user: object): string {
  return JSON.stringify({
    "current-context": "here",
    contexts: [
      { name: "elsewhere", context: { cluster: "other", user: "other" } },
      { name: "here", context: { cluster: "mine", user: "me" } },
    ],
    clusters: [
      { name: "other", cluster: { server: "https://other" } },
      { name: "mine", cluster: { server: "https://mine", "certificate-authority-data": base64("CA") } },
    ],
    users: [{ name: "me", user }],
  });
}

describe("access by a kubeconfig", () => {
  let folder = "";
  const path = process.env.PATH;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "access-"));
    process.env.PATH = `${folder}:${path}`;
  });
  afterAll(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });
  const command = (name: string, script: string) => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };

  it("takes a token or a client certificate of the current context", async () => {
    expect(await accessOf(kubeconfig({ token: "secret" }))).toEqual({
      access: { server: "https://mine", ca: "CA", token: "secret" },
    });
    const pair = { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") };
    expect((await accessOf(kubeconfig(pair))).access).toMatchObject({ cert: "CERT", key: "KEY" });
  });

  it("asks the AWS CLI as the kubeconfig of a Cluster says, and knows when the token ends", async () => {
    command(
      "aws",
      `case "$KUBERNETES_EXEC_INFO" in *'"kind":"ExecCredential"'*) ;; *) exit 3 ;; esac
echo "{\\"status\\":{\\"token\\":\\"for $4 $6\\",\\"expirationTimestamp\\":\\"2026-11-24T12:00:00Z\\"}}"`,
    );
    const text = kubeconfigJson({
      clusterName: "c1",
      region: "eu-west-1",
      endpoint: "https://c1",
      certificateAuthority: base64("CA"),
    });
    expect(await accessOf(text)).toEqual({
      access: { server: "https://c1", ca: "CA", token: "for c1 eu-west-1" },
      expires: Date.UTC(2026, 10, 24, 12),
    });
  });

  it("says what is missing", async () => {
    await expect(accessOf(kubeconfig({}))).rejects.toThrow(
      /a token, a client certificate or a credential plugin/,
    );
    await expect(accessOf("{}")).rejects.toThrow(/no cluster in its current context/);
    command("broken", "echo not logged in >&2; exit 255");
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "broken" };
    await expect(accessOf(kubeconfig({ exec }))).rejects.toThrow(/not logged in/);
  });
});
