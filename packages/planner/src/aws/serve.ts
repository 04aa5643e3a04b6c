import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { main } from "@pulumi/pulumi/provider";
import { SimulatedAws } from "./account";
import { controlOf, serveControl } from "./control";
import { Faults, parseFault } from "./faults";
import { AwsProvider } from "./provider";

/*
 * The simulated AWS provider as a process of its own; `start.ts` starts and stops it.
 *
 *   npx tsx packages/planner/src/aws/serve.ts --region eu-west-1 [--port-file F]
 *     [--endpoint https://127.0.0.1:6443 --certificate-authority BASE64] [--caller ARN] [--account-id N]
 *     [--latency-factor 60] [--fail <type>@<operation>#<n>=<code>]...
 *
 * Prints one line, and writes it to the port file: {"provider": <port for PULUMI_DEBUG_PROVIDERS=aws:…>,
 * "control": <port of the control API>}. Both listen on loopback only. Ends with SIGTERM, or when its stdin ends.
 */

async function serve(): Promise<void> {
  const { values } = parseArgs({
    options: {
      region: { type: "string" },
      "port-file": { type: "string" },
      endpoint: { type: "string" },
      // The authority comes as base64: it is what the cluster's output holds.
      "certificate-authority": { type: "string" },
      caller: { type: "string" },
      "account-id": { type: "string" },
      "latency-factor": { type: "string", default: "0" },
      fail: { type: "string", multiple: true, default: [] },
    },
  });
  const { endpoint, region = "" } = values;
  const account = new SimulatedAws({
    region,
    accountId: values["account-id"],
    callerArn: values.caller,
    clusterEndpoint: endpoint
      ? { endpoint, certificateAuthority: values["certificate-authority"] ?? "" }
      : undefined,
  });
  const provider = new AwsProvider(account, {
    latencyFactor: Number(values["latency-factor"]),
    faults: new Faults(values.fail.map(parseFault)),
  });
  const { port: control } = await serveControl(controlOf(provider));
  const ports = JSON.stringify({ provider: await listen(provider), control });
  if (values["port-file"]) writeFileSync(values["port-file"], ports);
  console.log(ports);

  process.on("SIGTERM", () => process.exit(0));
  // Ctrl-C reaches the whole process group; a rehearsal that cleans up still needs its account.
  process.on("SIGINT", () => {});
  // Whoever started this holds the other end: when that process is gone, however it went, so is this one.
  process.stdin.on("end", () => process.exit(0)).resume();
}

/** The SDK's server tells its port on stdout only. */
async function listen(provider: AwsProvider): Promise<number> {
  const print = console.log;
  let port = 0;
  console.log = (text: string) => {
    port = Number(text);
  };
  try {
    await main(provider, []);
  } finally {
    console.log = print;
  }
  return port;
}

serve().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
