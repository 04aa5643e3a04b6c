/**
 * Commands of engines that cannot be started by their arguments alone. An API key never becomes an argument (every process
 * of the node's owner reads those) nor a line of the log; it stays in the environment of the process that compares it.
 */

/**
 * FlashInfer before 0.6.16 writes links to its kernels into the package `flashinfer_cubin` of the image, which belongs to
 * root, whatever FLASHINFER_CUBIN_DIR says (flashinfer issue 2976; jit/env.py of 0.5.3 to 0.6.18): a copy made of links is
 * found first, and its folders can be written to. Without effect where the package is not installed.
 */
const writableCubins = `
scratch="\${TMPDIR:-/tmp}"
if cubins=$(python3 -c 'import flashinfer_cubin; print(flashinfer_cubin.__path__[0])' 2>/dev/null); then
  mkdir -p "$scratch/python" && cp -rsf "$cubins" "$scratch/python/"
  export PYTHONPATH="$scratch/python\${PYTHONPATH:+:$PYTHONPATH}"
fi`;

/** Folder of FlashInfer's kernels, for versions that read it. */
export function cubinFolder(cachePath: string): Record<string, string> {
  return { FLASHINFER_CUBIN_DIR: `${cachePath}/flashinfer/cubins` };
}

/** Starts vLLM where FlashInfer's package must be made writable first. */
export function vllmCommand(): string[] {
  return shell("vllm", `${writableCubins}\nexec vllm serve "$@"`);
}

/**
 * SGLang takes its key only as an argument, and logs all of its arguments when it starts (issue 37457, open on 2026-09-14;
 * read in 0.5.1 to 0.5.18: \`logger.info(f"{server_args=}")\` in srt/entrypoints/engine.py). Here the key is added to what the
 * arguments were parsed into, as a text that shows itself as \`[secret]\`; other processes of the server get a plain one.
 * From 0.5.18 the parsed arguments refuse assignments.
 */
const sglangProgram = `
import os, runpy, sys
from sglang.srt import server_args

class Key(str):
    def __repr__(self):
        return "[secret]"
    def __copy__(self):
        return self
    def __deepcopy__(self, memo):
        return self
    def __reduce__(self):
        return str, (str(self),)

key = os.environ.get("SGLANG_API_KEY", "")
parse = server_args.prepare_server_args

def prepare(argv):
    arguments = parse([*argv, f"--api-key={key}"])
    object.__setattr__(arguments, "api_key", Key(key))
    return arguments

if key:
    server_args.prepare_server_args = prepare
sys.argv[0] = "sglang.launch_server"
runpy.run_module("sglang.launch_server", run_name="__main__", alter_sys=True)`;

/**
 * Starts SGLang.
 *
 * @param ownCubins True for versions whose FlashInfer reads no folder for its kernels.
 */
export function sglangCommand(ownCubins: boolean): string[] {
  return shell("sglang", `${ownCubins ? writableCubins : ""}\nexec python3 -c '${sglangProgram}' "$@"`);
}

/**
 * Starts TGI. Its launcher reads the key from API_KEY, logs it with its other arguments and passes it on as an argument
 * (launcher/src/main.rs of 2.3.0 to 3.3.7); the router that it starts reads API_KEY, too, and shows it to nobody
 * (backends/v3/src/main.rs). So the launcher finds a router that brings its own environment.
 */
export function tgiCommand(): string[] {
  return shell(
    "tgi",
    `
set -eu
scratch="\${TMPDIR:-/tmp}"
if [ -n "\${TGI_API_KEY:-}" ]; then
  router=$(command -v text-generation-router)
  mkdir -p "$scratch/bin"
  printf '#!/bin/sh\\nexport API_KEY="$TGI_API_KEY"\\nexec %s "$@"\\n' "$router" >"$scratch/bin/text-generation-router"
  chmod 755 "$scratch/bin/text-generation-router"
  export PATH="$scratch/bin:$PATH"
fi
exec text-generation-launcher "$@"`,
  );
}

/** A script that gets the container's arguments as its own. */
function shell(name: string, script: string): string[] {
  return ["/bin/sh", "-c", script.trim(), name];
}
