import type { SimulatedAws } from "../aws/account";
import { AwsError } from "../aws/types";
import type { Plan, PlannedResource } from "../plan/types";
import type { Properties } from "../program/monitor";
import { accountOf } from "./account";
import type { Change } from "./resources";
import { Action } from "./types";
import { isObject } from "./values";

/** What AWS refuses of an update, and the resource that it was about. */
export interface AwsRefusal {
  change: Change;
  /** `InvalidSubnet.Conflict`. */
  code: string;
  /** With the code in front. */
  message: string;
}

/**
 * Carries out a difference in a simulated account, in the engine's order: what both plans are each for themselves, they may
 * not be one after the other. Names and address blocks are still taken by what goes only at the end, and what others
 * stand on does not go.
 */
export function replay(base: Plan, head: Plan, changes: Change[]): AwsRefusal[] {
  return new Replay(base, changes).run(head);
}

class Replay {
  private readonly account: SimulatedAws;
  /** Ids by URN, of what is there. */
  private readonly ids: Map<string, string>;
  /** URNs of what is not there, or not as it should be: what needs it is left out. */
  private readonly lost = new Set<string>();
  /** What a replacement is called, by what the replaced one was called: a plan knows only the first. */
  private readonly renamed = new Map<string, string>();
  /** Replaced ones that go at the end. */
  private readonly old: { change: Change; id: string }[] = [];
  private readonly refusals: AwsRefusal[] = [];
  private readonly changes: Map<string, Change>;

  constructor(
    base: Plan,
    private readonly all: Change[],
  ) {
    const { account, made } = accountOf(base);
    this.account = account;
    this.ids = new Map([...made].map(([urn, { id }]) => [urn, id]));
    for (const { urn } of base.resources.filter(({ type }) => type.startsWith("aws:"))) {
      if (!made.has(urn)) this.lost.add(urn);
    }
    this.changes = new Map(all.map((change) => [change.diff.urn, change]));
  }

  run(head: Plan): AwsRefusal[] {
    for (const resource of head.resources) {
      const change = this.changes.get(resource.urn);
      if (!resource.type.startsWith("aws:")) continue;
      if (resource.dependencies.some((urn) => this.lost.has(urn))) this.lost.add(resource.urn);
      else if (change && !this.lost.has(change.before?.urn ?? "")) this.apply(change, resource);
    }
    // The engine stops at a failure, before it deletes anything.
    if (this.refusals.length === 0) this.deleteAtTheEnd();
    return this.refusals;
  }

  private apply(change: Change, resource: PlannedResource): void {
    const { diff, before } = change;
    const { type, name, urn } = resource;
    const inputs = this.asNow(resource.inputs) as Properties;
    const id = this.ids.get(before?.urn ?? "");
    if (diff.action === Action.Import) return;
    const attempted = this.attempt(change, () => {
      if (diff.action === Action.Create) return this.account.create(type, name, inputs).id;
      if (id === undefined) return undefined;
      if (diff.action === Action.Replace) return this.replace(change, resource, id, inputs);
      if (diff.action === Action.Update) this.account.update(type, id, inputs);
      return id;
    });
    if (attempted === undefined) this.lost.add(urn);
    else this.ids.set(urn, attempted);
  }

  private replace(
    change: Change,
    { type, name }: PlannedResource,
    id: string,
    inputs: Properties,
  ): string | undefined {
    const outputs = this.account.read(type, id)?.outputs ?? {};
    // What stands on it goes before it in the engine, which this cannot follow.
    if (change.diff.deleteFirst && !this.goes(type, id)) return undefined;
    const made = this.account.create(type, name, inputs);
    if (!change.diff.deleteFirst) this.old.push({ change, id });
    this.learn({ id, ...outputs }, { id: made.id, ...made.outputs });
    return made.id;
  }

  private goes(type: string, id: string): boolean {
    try {
      this.account.delete(type, id);
      return true;
    } catch {
      return false;
    }
  }

  /** Replaced ones and deleted ones, the last made first. */
  private deleteAtTheEnd(): void {
    const deleted = this.all
      .filter(({ diff, before }) => diff.action === Action.Delete && !before?.options.retainOnDelete)
      .flatMap((change) => {
        const id = this.ids.get(change.diff.urn);
        return id === undefined ? [] : [{ change, id }];
      });
    const order = [...this.ids.keys()];
    const place = ({ change }: { change: Change }) => order.indexOf(change.before?.urn ?? "");
    for (const { change, id } of [...this.old, ...deleted].sort((a, b) => place(b) - place(a))) {
      this.attempt(change, () => this.account.delete(change.diff.type, id));
    }
  }

  private attempt<T>(change: Change, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.refusals.push({ change, code: error.code, message: error.message });
      return undefined;
    }
  }

  private learn(before: unknown, after: unknown): void {
    if (typeof before === "string" && typeof after === "string" && before !== after && before.length > 5) {
      this.renamed.set(before, after);
    } else if (isObject(before) && isObject(after)) {
      for (const key of Object.keys(before)) this.learn(before[key], after[key]);
    } else if (Array.isArray(before) && Array.isArray(after)) {
      before.forEach((entry, at) => {
        this.learn(entry, after[at]);
      });
    }
  }

  /** Inputs with the names of what was replaced. */
  private asNow(value: unknown): unknown {
    if (typeof value === "string") {
      // The longest first: names hold one another.
      const pairs = [...this.renamed].sort(([a], [b]) => b.length - a.length);
      return pairs.reduce((text, [before, after]) => text.replaceAll(before, after), value);
    }
    if (Array.isArray(value)) return value.map((entry) => this.asNow(entry));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, this.asNow(entry)]));
  }
}
