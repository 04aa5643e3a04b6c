import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { GetSchemaRequest } from "@pulumi/pulumi/proto/provider_pb";
import { afterAll, expect, it } from "vitest";

const root = resolve(__dirname, "../..");
let host: ChildProcess | undefined;
afterAll(() => host?.kill());

/** Starts the checkout as the engine does for a program in YAML or Python. @returns the port that it listens on. */
function hosted(): Promise<number> {
  const runner = require.resolve("@pulumi/pulumi/cmd/run-plugin");
  // The engine's own address: nothing is asked of it here.
  const child = spawn(process.execPath, [runner, `--pwd=${tmpdir()}`, root, "127.0.0.1:1"], {
    env: { ...process.env, PULUMI_NODEJS_TYPESCRIPT: "true" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  host = child;
  return new Promise((done, fail) => {
    child.on("exit", (code) => fail(new Error(`the plugin ended with ${code}`)));
    child.stdout.on("data", (line) => done(Number(line)));
  });
}

it("the checkout, once built, is a component provider: it tells the engine its schema", async () => {
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root });
  const client = new ResourceProviderClient(`127.0.0.1:${await hosted()}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": 100_000_000,
  });
  const text = await new Promise<string>((done, fail) =>
    client.getSchema(new GetSchemaRequest(), (error, answer) =>
      error ? fail(error) : done(answer.getSchema()),
    ),
  );
  client.close();
  const schema = JSON.parse(text);
  expect(schema.name).toBe("inference-platform");
  expect(Object.keys(schema.resources)).toContain("inference-platform:index:InferenceService");
});
