import type * as pulumi from "@pulumi/pulumi";
import { promiseOf } from "../common/outputs";
import { accessOf } from "../kube/access";
import { KubeClient } from "../kube/client";

/** Tokens end: one that has less left than this is not begun with. */
const reserveMilliseconds = 60_000;

interface Connection {
  client: KubeClient;
  /** Milliseconds since 1970; absent when the credential does not end. */
  expires?: number;
}

/** A client for the cluster, made when it is first needed and again when its credential ends. */
export class ClusterConnection {
  private last?: Promise<Connection>;

  constructor(private readonly kubeconfig: () => pulumi.Input<string>) {}

  async client(): Promise<KubeClient> {
    // Releases and objects come many at once: each waits for the one before, and one credential serves all.
    this.last = this.renewed(this.last);
    return (await this.last).client;
  }

  private async renewed(last: Promise<Connection> | undefined): Promise<Connection> {
    const known = await last?.catch(() => undefined);
    if (known && (known.expires ?? Number.POSITIVE_INFINITY) > Date.now() + reserveMilliseconds) return known;
    known?.client.close();
    const { access, expires } = await accessOf(await promiseOf(this.kubeconfig()));
    return { client: new KubeClient(access), ...(expires !== undefined && { expires }) };
  }
}
