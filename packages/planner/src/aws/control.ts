import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseFault } from "./faults";
import type { Principal } from "./iam";
import type { AwsProvider, Timing } from "./provider";
import type { AccountEvent } from "./types";

/** An event with its number, from 1. */
export type NumberedEvent = AccountEvent & { number: number };

/** What a rehearsal can ask of the account while the engine uses it. */
export type ControlApi = ReturnType<typeof controlOf>;

/** The same from another process: every answer is a promise. */
export type RemoteControl = {
  [Method in keyof ControlApi]: (
    ...args: Parameters<ControlApi[Method]>
  ) => Promise<Awaited<ReturnType<ControlApi[Method]>>>;
};

/** The methods that the control port offers; plain data in and out. */
export function controlOf(provider: AwsProvider) {
  const { account } = provider;
  const events: NumberedEvent[] = [];
  const waiting = new Set<() => void>();
  account.onChange((event) => {
    events.push({ ...structuredClone(event), number: events.length + 1 });
    for (const wake of [...waiting]) wake();
  });
  return {
    resources: () => account.resources(),
    findings: () => account.findings().map((finding) => finding.message),
    nodeGroups: () => account.nodeGroups(),
    loadBalancers: () => account.loadBalancers(),
    accessAllowed: (principalArn: string, clusterName: string) =>
      account.accessAllowed(principalArn, clusterName),
    setDesiredCapacity: (autoScalingGroup: string, desired: number) => {
      account.setDesiredCapacity(autoScalingGroup, desired);
    },
    addLoadBalancer: (balancer: Parameters<typeof account.addLoadBalancer>[0]) =>
      account.addLoadBalancer(balancer),
    removeLoadBalancer: (name: string) => account.removeLoadBalancer(name),
    addNetworkInterface: (subnetId: string, description: string, securityGroupIds?: string[]) =>
      account.addNetworkInterface(subnetId, description, securityGroupIds),
    removeNetworkInterface: (id: string) => account.removeNetworkInterface(id),
    /** What a person would do in the console. */
    deleteResource: (type: string, id: string) => account.delete(type, id),
    /** Replaces the failures on request by these, in the spelling of `--fail`. */
    setFaults: (texts: string[]) => provider.faults.arm(texts.map(parseFault)),
    /** From now on the engine's requests come from this principal: AWS allows it what its policies allow. */
    actAs: (principal: Principal | undefined) => provider.actAs(principal),
    timings: (): Timing[] => provider.timings,
    snapshot: () => account.toJSON(),
    /** The events after number `after`; waits up to `waitMilliseconds` for one. */
    events: async (after: number, waitMilliseconds = 0): Promise<NumberedEvent[]> => {
      if (events.length <= after && waitMilliseconds > 0) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, waitMilliseconds);
          waiting.add(wake);
        });
      }
      return events.slice(after);
    },
  };
}

/** Offers `api` on a free port of the loopback interface; calls are `POST / {method, args}`. */
export async function serveControl(api: ControlApi): Promise<{ port: number; server: Server }> {
  const methods = new Map<string, (...args: never[]) => unknown>(Object.entries(api));
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", async () => {
      try {
        const { method, args } = JSON.parse(Buffer.concat(chunks).toString()) as {
          method: string;
          args: never[];
        };
        const handler = methods.get(method);
        if (!handler) throw new Error(`unknown method ${method}`);
        outgoing.end(JSON.stringify({ result: await handler(...args) }));
      } catch (error) {
        const { message, code } = error as { message: string; code?: string };
        outgoing.statusCode = 400;
        outgoing.end(JSON.stringify({ error: { message, code } }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

/** An error of the account, as it comes out of the control port. */
export class ControlError extends Error {
  constructor(
    message: string,
    /** The AWS code, when the account refused. */
    readonly code?: string,
  ) {
    super(message);
  }
}

/** The control port of another process. Calls reject with ControlError. */
export function remoteControl(port: number): RemoteControl {
  const call = async (method: string, args: unknown[]): Promise<unknown> => {
    const { status, text } = await post(port, JSON.stringify({ method, args }));
    const body = JSON.parse(text) as { result?: unknown; error?: { message: string; code?: string } };
    if (status !== 200) throw new ControlError(body.error?.message ?? text, body.error?.code);
    return body.result;
  };
  return new Proxy({} as RemoteControl, {
    // A proxy that is awaited is asked for `then`.
    get: (_target, method) =>
      method === "then" ? undefined : (...args: unknown[]) => call(String(method), args),
  });
}

function post(port: number, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method: "POST", agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
