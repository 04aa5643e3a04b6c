import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { path } from "../kube/client";
import type { Rehearsal } from "../rehearsal";
import { type CheckResult, check, expect } from "./check";

/**
 * Collects the command lines of this machine's processes while the engine runs: what is an argument can be read by
 * everybody on the machine.
 */
export class CommandLines {
  readonly seen = new Set<string>();
  private timer?: NodeJS.Timeout;

  start(): void {
    this.timer = setInterval(() => this.look(), 300);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const entry of readdirSafe("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      try {
        this.seen.add(readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // It ended in between.
      }
    }
  }
}

/** The secrets of a stack by what they are. */
export type Secrets = Map<string, string>;

/** Reads every generated secret out of the state: passwords by resource, and the outputs that are secret. */
export async function stackSecrets(rehearsal: Rehearsal): Promise<Secrets> {
  const secrets: Secrets = new Map();
  const { deployment } = await rehearsal.engine.export(true);
  for (const resource of deployment.resources ?? []) {
    if (!/^random:index\/(randomPassword|randomBytes)/i.test(resource.type)) continue;
    const name = resource.urn.split("::").at(-1) ?? resource.urn;
    const value = plaintext(resource.outputs?.result ?? resource.outputs?.base64);
    if (value) secrets.set(name, value);
  }
  const outputs = await rehearsal.engine.outputs();
  if (typeof outputs.kubeconfig === "string") secrets.set("kubeconfig", outputs.kubeconfig);
  return secrets;
}

/** `--show-secrets` keeps the envelope, with the value as JSON. */
function plaintext(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const json = (value as { plaintext?: string } | undefined)?.plaintext;
  return json === undefined ? undefined : String(JSON.parse(json));
}

/** The generated secrets must occur nowhere in the clear: state, logs, rendered values, process arguments. */
export async function secretCheck(rehearsal: Rehearsal, commandLines: CommandLines): Promise<CheckResult> {
  return check("secrets", async () => {
    const secrets = await stackSecrets(rehearsal);
    expect(secrets.size > 1, `the state has only ${secrets.size} generated secrets`);
    const places = new Map<string, string>([
      ...files("state", rehearsal.workspace.stateDir),
      ...files("logs", join(rehearsal.supervisor.dir, "logs")),
      ["stack file", readFileSync(rehearsal.workspace.stackFile, "utf8")],
      ["aws calls", readSafe(rehearsal.workspace.shimLog)],
      ["process arguments", [...commandLines.seen].join("\n")],
      ...(await releases(rehearsal)),
    ]);
    const found: string[] = [];
    for (const [name, secret] of secrets) {
      for (const form of forms(secret)) {
        for (const [place, text] of places) if (text.includes(form)) found.push(`${name} in ${place}`);
      }
    }
    expect(found.length === 0, [...new Set(found)].join(", "));
    return `${[...secrets.keys()].join(", ")}: in none of ${places.size} files, releases and argument lists`;
  });
}

/** As it is, as JSON text has it, and as a Secret object has it. */
function forms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, json, Buffer.from(secret).toString("base64")])];
}

function files(place: string, dir: string): [string, string][] {
  return readdirSafe(dir).flatMap((entry): [string, string][] => {
    const file = join(dir, entry);
    if (statSync(file).isDirectory()) return files(`${place}/${entry}`, file);
    return [[`${place}/${entry}`, readSafe(file)]];
  });
}

/** Helm keeps values and rendered manifests of each release in a Secret: base64, gzip, JSON. */
async function releases(rehearsal: Rehearsal): Promise<[string, string][]> {
  const { client } = rehearsal.plane;
  const stored = await client.list(`${path("v1", "secrets")}?fieldSelector=type%3Dhelm.sh%2Frelease.v1`);
  return stored.map((secret) => {
    const packed = Buffer.from(Buffer.from(secret.data.release, "base64").toString(), "base64");
    return [`release ${secret.metadata.namespace}/${secret.metadata.name}`, gunzipSync(packed).toString()];
  });
}

function readdirSafe(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function readSafe(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
