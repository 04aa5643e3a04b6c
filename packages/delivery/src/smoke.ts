import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { resolve } from "node:path";
import { defineCommand, UsageError, UserError } from "@inference-platform/kit";
import { checkedPlatform, type PlatformOutputs } from "../../../components/platform/outputs";
import { type Endpoint, type SmokeResult, tryCompletions } from "./completion";
import { forwardTo } from "./port-forward";
import { pulumi } from "./pulumi";
import { addToSummary } from "./summary";

/** How the services can be reached. */
const Way = { Auto: "auto", Endpoint: "endpoint", Cluster: "cluster" } as const;
type Way = (typeof Way)[keyof typeof Way];

/** Longest time to connect to an internal load balancer from where it can be reached, milliseconds. */
const connectTimeout = 5000;

/** The outputs of a stack, as index.ts exports them. */
export interface StackOutputs {
  platform: PlatformOutputs;
  apiKey?: string;
  kubeconfig?: string | object;
}

/** What to try, and how to get there. */
export interface SmokeOptions {
  via: Way;
  url?: string;
  services?: string[];
  waitSeconds: number;
}

/** How the services are reached. */
export const wayOption = {
  type: "string",
  value: "WAY",
  choices: [Way.Auto, Way.Endpoint, Way.Cluster],
  default: Way.Auto,
  help:
    "How the services are reached. endpoint: through the load balancer. cluster: past it, with kubectl port-forward; tests " +
    "the service, not the ingress. auto: the endpoint; the cluster when the endpoint has private addresses only and " +
    "cannot be reached from here.",
} as const;

/** The command `smoke`. */
export const command = defineCommand({
  name: "smoke",
  stack: true,
  summary:
    "Asks every service of a deployed stack for one real completion and one as a stream, with the API key, and fails " +
    "when one is not answered. Addresses and key come from the stack's outputs.",
  options: {
    via: wayOption,
    url: {
      type: "string",
      value: "URL",
      help: "The endpoint of the one service that is named with --service, instead of the stack's output.",
    },
    service: {
      type: "string",
      value: "NAME",
      multiple: true,
      help:
        "Only this one; may be repeated. Default: those that have an endpoint; all of them with --via cluster and in " +
        "a stack without any endpoint.",
    },
    wait: {
      type: "string",
      value: "SECONDS",
      default: "300",
      help: "How long a load balancer without targets is tried again.",
    },
    directory: { type: "string", value: "DIR", default: ".", help: "The project." },
  },
  exitCodes: { 0: "all were answered", 1: "one was not, or there was none to ask", 2: "wrong usage" },
  run: async ({ stack, values }) => {
    const { via, url, service, wait } = values;
    if (!/^\d+$/.test(wait)) throw new UsageError(`--wait ${wait}: must be whole seconds.`);
    if (url && service.length !== 1) throw new UsageError("--url needs exactly one --service.");
    const outputs = await stackOutputs(stack, resolve(values.directory));
    const services = service.length > 0 ? service : undefined;
    const tried = await smoke(outputs, { via, url, services, waitSeconds: Number(wait) });
    addToSummary(`Smoke test of ${stack}: ${tried} services answered, one completion and one stream each.`);
    return 0;
  },
});

/** @throws UserError or RunError when the stack has none, or is of another version of this project. */
export async function stackOutputs(stack: string, directory: string): Promise<StackOutputs> {
  const ended = await pulumi(stack, ["stack", "output", "--json", "--show-secrets"], { directory });
  if (ended.code !== 0) throw new UserError(`The outputs of ${stack}: ${ended.stderr.trim()}`);
  const { platform, apiKey, kubeconfig } = JSON.parse(ended.stdout) as Partial<StackOutputs>;
  return { platform: checkedPlatform(stack, platform), apiKey, kubeconfig };
}

/**
 * Tries the services one after the other and prints what each answered.
 *
 * @returns how many were asked for a completion.
 * @throws UserError when one fails, or when no completion could be asked of any.
 */
export async function smoke(outputs: StackOutputs, options: SmokeOptions): Promise<number> {
  const services = options.services ?? servicesOf(outputs.platform, options.via);
  let tried = 0;
  for (const service of services) {
    const result = await trySmoke(service, outputs, options);
    if (result.tried) tried++;
    process.stdout.write(`${result.lines.join("\n")}\n`);
  }
  if (tried === 0) throw new UserError("No service has an API that a completion can be asked of.");
  return tried;
}

/** The services to ask when none was named. */
function servicesOf({ services, endpoints }: PlatformOutputs, via: Way): string[] {
  const reachable = Object.keys(endpoints);
  if (via === Way.Endpoint && reachable.length === 0) {
    throw new UserError("The stack has no endpoints (ingress.enabled: false): use --via cluster.");
  }
  return via === Way.Cluster || reachable.length === 0 ? Object.keys(services) : reachable;
}

async function trySmoke(service: string, outputs: StackOutputs, options: SmokeOptions): Promise<SmokeResult> {
  const patience = options.waitSeconds * 1000;
  const { services, endpoints } = outputs.platform;
  const address = services[service];
  if (!address) {
    throw new UserError(`The stack has no service ${service}; it has ${Object.keys(services).join(", ")}.`);
  }
  const url = options.url ?? endpoints[service];
  const target = { service, apiKey: outputs.apiKey };
  if (url && options.via !== Way.Cluster) {
    if (options.via === Way.Endpoint || !(await isOutOfReach(url))) {
      return tryCompletions({ ...target, url } satisfies Endpoint, patience);
    }
    process.stdout.write(`${service}: ${url} is private and cannot be reached from here; past the ingress\n`);
  } else if (options.via === Way.Endpoint) {
    throw new UserError(`${service}: the stack has no endpoint for it.`);
  }
  if (!outputs.kubeconfig) throw new UserError("The stack has no output kubeconfig.");
  const { kubeconfig } = outputs;
  const forward = await forwardTo(
    typeof kubeconfig === "string" ? kubeconfig : JSON.stringify(kubeconfig),
    address,
  );
  try {
    return await tryCompletions({ ...target, url: forward.url }, patience);
  } finally {
    forward.close();
  }
}

/** True for an address that only the inside of a network can reach, and that this machine cannot. */
async function isOutOfReach(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const addresses = await lookup(hostname, { all: true }).catch(() => []);
  if (addresses.length === 0 || !addresses.every(({ address }) => isPrivate(address))) return false;
  return !(await connects(hostname, Number(port || (protocol === "https:" ? 443 : 80))));
}

/** Whether an address is one of a private network: RFC 1918, carrier-grade NAT, unique local IPv6. */
export function isPrivate(address: string): boolean {
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd][0-9a-f]{2}:)/i.test(
    address,
  );
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: connectTimeout });
    const end = (connected: boolean) => {
      socket.destroy();
      done(connected);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}
