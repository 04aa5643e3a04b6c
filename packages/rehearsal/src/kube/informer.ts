import { sleep } from "../processes";
import { type KubeClient, KubeError, type KubeObject } from "./client";

/** What is told about each object: its newest state, or that it is gone. */
export type Handler = (object: KubeObject, gone: boolean) => void | Promise<void>;

/** A local copy of every object of one kind, kept current by a watch; the API server may come and go. */
export class Informer {
  readonly objects = new Map<string, KubeObject>();
  private stopped = false;
  private current?: { destroy(): void };
  private readonly handlers: Handler[] = [];

  constructor(
    private readonly client: KubeClient,
    /** Address of the kind in the whole cluster, see `path`. */
    private readonly url: string,
    /** Told about an error of a handler. */
    private readonly onError: (error: unknown) => void = () => {},
  ) {}

  /** Calls `handler` for every change from now on; objects that are there already count as changes. */
  on(handler: Handler): this {
    this.handlers.push(handler);
    return this;
  }

  start(): this {
    void this.run();
    return this;
  }

  stop(): void {
    this.stopped = true;
    this.current?.destroy();
  }

  get all(): KubeObject[] {
    return [...this.objects.values()];
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const version = await this.relist();
        await this.follow(version);
      } catch (error) {
        // A kind whose CRD is not there yet, or a server that restarts: ask again.
        await sleep(error instanceof KubeError && error.status === 404 ? 1_000 : 300);
      }
    }
  }

  private async relist(): Promise<string> {
    const answer = JSON.parse(await this.client.text(this.url));
    const known = new Map(this.objects);
    this.objects.clear();
    for (const item of answer.items as KubeObject[]) {
      known.delete(key(item));
      this.objects.set(key(item), item);
      this.tell(item, false);
    }
    for (const object of known.values()) this.tell(object, true);
    return answer.metadata.resourceVersion;
  }

  private follow(version: string): Promise<void> {
    return new Promise((resolve) => {
      const url = `${this.url}?watch=1&allowWatchBookmarks=true&timeoutSeconds=600&resourceVersion=${version}`;
      const sent = this.client.open("GET", url, undefined, (response) => {
        let rest = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          const lines = (rest + chunk).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) if (line) this.apply(JSON.parse(line), () => sent.destroy());
        });
        response.on("close", resolve);
        response.on("error", () => resolve());
      });
      this.current = sent;
      sent.on("error", () => resolve());
      sent.end();
    });
  }

  private apply(event: { type: string; object: KubeObject }, restart: () => void): void {
    if (event.type === "BOOKMARK") return;
    if (event.type === "ERROR") {
      restart();
      return;
    }
    const gone = event.type === "DELETED";
    if (gone) this.objects.delete(key(event.object));
    else this.objects.set(key(event.object), event.object);
    this.tell(event.object, gone);
  }

  private tell(object: KubeObject, gone: boolean): void {
    for (const handler of this.handlers) {
      Promise.resolve()
        .then(() => handler(object, gone))
        .catch(this.onError);
    }
  }
}

function key(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
