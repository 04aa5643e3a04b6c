import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Engine, type EngineProfile } from "../../components/engines";
import { catalogProfile } from "../inference/fixtures";

// The commands run in a real shell and a real Python, with stand-ins for the engines that do with a key what the engines'
// sources do: compare it, log their arguments, and hand them on to other processes.

const key = "sekret-5a81";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "launch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, text: string, executable = false): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  if (executable) chmodSync(target, 0o755);
}

/** What the profile's command prints, on both outputs, with every process in it. */
function run(profile: EngineProfile, env: Record<string, string>): string {
  const [command = "", ...rest] = profile.command ?? [];
  return execFileSync("/bin/sh", ["-c", 'exec "$@" 2>&1', "run", command, ...rest, ...profile.args], {
    encoding: "utf8",
    env: {
      PATH: `${folder}/bin:${process.env.PATH}`,
      HOME: process.env.HOME,
      TMPDIR: `${folder}/tmp`,
      PYTHONPATH: folder,
      ...env,
    },
  });
}

function hasPython(): boolean {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const serverArgs = `
import argparse, dataclasses, logging
@dataclasses.dataclass
class ServerArgs:
    model_path: str
    api_key: str = None
    def __setattr__(self, name, value):
        if name in self.__dict__:
            raise AttributeError("server_args is read-only")
        object.__setattr__(self, name, value)
def prepare_server_args(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-path")
    parser.add_argument("--api-key")
    raw, _ = parser.parse_known_args(argv)
    return ServerArgs(raw.model_path, raw.api_key)
`;
const launchServer = `
import copy, logging, multiprocessing, sys
from sglang.srt.server_args import prepare_server_args
def child(server_args, expected):
    print("child accepts:", server_args.api_key == expected, flush=True)
if __name__ == "__main__":
    server_args = prepare_server_args(sys.argv[1:])
    logging.basicConfig(level=logging.INFO)
    logging.info(f"{server_args=}")
    logging.info(f"{copy.deepcopy(server_args)=} {vars(server_args)}")
    print("argv:", open("/proc/self/cmdline").read().replace(chr(0), " "), sys.argv)
    expected = server_args.api_key and open(sys.path[-1] + "/expected").read()
    print("header:", ("Bearer " + server_args.api_key == "Bearer " + expected) if expected else "no key")
    print("model:", server_args.model_path)
    process = multiprocessing.get_context("spawn").Process(target=child, args=(server_args, expected))
    process.start(); process.join()
`;

describe.skipIf(!hasPython())("SGLang (needs python3)", () => {
  beforeEach(() => {
    file("sglang/__init__.py", "");
    file("sglang/srt/__init__.py", "");
    file("sglang/srt/server_args.py", serverArgs);
    file("sglang/launch_server.py", launchServer.replace("sys.path[-1]", JSON.stringify(folder)));
    file("expected", key);
  });

  it.each(["0.5.1", "0.5.9", "0.5.18"])("%s compares the key and shows it nowhere", (version) => {
    const output = run(catalogProfile(Engine.Sglang, { version }), { SGLANG_API_KEY: key });
    expect(output).toContain("header: True");
    expect(output).toContain("child accepts: True");
    expect(output).toContain("api_key=[secret]");
    expect(output).toContain("model: Qwen/Qwen2.5-1.5B-Instruct");
    expect(output).not.toContain(key);
  });

  it("starts without a key, too", () => {
    const output = run(catalogProfile(Engine.Sglang), {});
    expect(output).toContain("api_key=None");
    expect(output).toContain("header: no key");
  });
});

describe("TGI", () => {
  beforeEach(() => {
    // The launcher: logs its arguments, of which API_KEY is one, and starts the router with them.
    file(
      "bin/text-generation-launcher",
      `#!/bin/sh
echo "Args { api_key: \${API_KEY:-None}, argv: $@ }"
exec text-generation-router --port 8080 \${API_KEY:+--api-key "$API_KEY"} --tokenizer "a b"
`,
      true,
    );
    file(
      "bin/text-generation-router",
      `#!/bin/sh
echo "router $# $*"
[ "\${API_KEY-unset}" = "\${TGI_API_KEY-unset}" ] && echo "router has what it should"
`,
      true,
    );
  });

  it.each(["2.3.0", "3.0.1"])("%s gives the key to the router alone", (version) => {
    const profile = catalogProfile(Engine.Tgi, { version });
    const output = run(profile, { [profile.apiKeyVariable ?? ""]: key });
    expect(output).toContain("api_key: None");
    expect(output).toContain("--model-id=Qwen/Qwen2.5-1.5B-Instruct");
    expect(output).toContain("router 4 --port 8080 --tokenizer a b");
    expect(output).toContain("router has what it should");
    expect(output).not.toContain(key);
  });

  it("starts without a key, which the router must then not have: an empty one would be asked for", () => {
    expect(run(catalogProfile(Engine.Tgi), {})).toContain("router has what it should");
  });
});

describe.skipIf(!hasPython())("FlashInfer's kernels in an image that belongs to root (needs python3)", () => {
  beforeEach(() => {
    file(
      "flashinfer_cubin/__init__.py",
      "from pathlib import Path\nfolder = Path(__file__).parent / 'cubins'\n",
    );
    file("flashinfer_cubin/cubins/sm90/kernel.cubin", "kernel");
    file(
      "bin/vllm",
      `#!/usr/bin/env python3
import sys, flashinfer_cubin
print(sys.argv[1:3], (flashinfer_cubin.folder / "sm90/kernel.cubin").read_text())
(flashinfer_cubin.folder / "sm90/new").write_text("new")
print("wrote", flashinfer_cubin.folder)
`,
      true,
    );
  });

  it("old versions find a copy that they can write to, after a restart of the container, too", () => {
    const profile = catalogProfile(Engine.Vllm, { version: "0.20.0" });
    for (const _ of ["start", "restart"]) {
      const output = run(profile, {});
      expect(output).toContain("['serve', 'Qwen/Qwen2.5-1.5B-Instruct'] kernel");
      expect(output).toContain(`wrote ${folder}/tmp/python/flashinfer_cubin/cubins`);
    }
  });

  it.each([
    [Engine.Vllm, "0.27.0"],
    [Engine.Sglang, "0.5.18"],
  ])("newer versions read a folder that the pod can write to: %s %s", (engine, version) => {
    const profile = catalogProfile(engine, { version });
    const folder = profile.env.find(({ name }) => name === "FLASHINFER_CUBIN_DIR")?.value;
    expect(folder).toMatch(new RegExp(`^${profile.cachePath}/`));
  });
});
