import { expect, test } from "vitest";
import { Fleet } from "../../src/fleet/fleet";
import type { Serving } from "../../src/serving/serving";

const sure = (median: number) => ({ median, p95: median });
const startup = { node: sure(100), image: sure(50), load: sure(30) };

/** Tells when a replica came and went; what is drained is empty after 40 s. */
function watched() {
  const events: string[] = [];
  const serving: Serving = {
    add: (id, now) => events.push(`${now}: ${id} ready`),
    drain: (id, now) => {
      events.push(`${now}: ${id} drains`);
      return now + 40;
    },
    lose: (id, now) => events.push(`${now}: ${id} lost`),
    advance: () => {},
    gauges: () => ({ running: 0, waiting: 0, kvUsage: 0, answered: 0 }),
    tally: () => ({ arrived: 0, met: 0, lost: 0 }),
  };
  return { events, serving };
}

function run(fleet: Fleet, from: number, to: number): void {
  for (let now = from; now <= to; now += 5) fleet.advance(now);
}

test("a replica on a new node waits for scan, node, image and load; a second one on the same node only for the load", () => {
  const { events, serving } = watched();
  const fleet = new Fleet(serving, { min: 0, max: 1, replicasPerNode: 2 }, startup, 1);
  fleet.scale(1, 0);
  run(fleet, 0, 400);
  expect(events).toHaveLength(1);
  const first = Number(events[0]?.split(":")[0]);
  expect(first).toBeGreaterThanOrEqual(180);
  expect(first).toBeLessThanOrEqual(195);
  fleet.scale(2, 400);
  run(fleet, 400, 500);
  expect(events[1]).toBe("435: 1 ready");
});

test("a pod that the pool has no node for waits, and is not running", () => {
  const { serving } = watched();
  const fleet = new Fleet(serving, { min: 0, max: 1, replicasPerNode: 1 }, startup, 1);
  fleet.scale(2, 0);
  run(fleet, 0, 1000);
  expect(fleet.unplaced).toBe(1);
  expect(fleet.views(1000).map(({ running, ready }) => [running, ready])).toEqual([
    [true, true],
    [false, false],
  ]);
});

test("the youngest ready pod goes last to come, and its node stays until it has been empty for 10 minutes", () => {
  const { events, serving } = watched();
  const fleet = new Fleet(serving, { min: 1, max: 3, replicasPerNode: 1 }, startup, 1);
  fleet.begin(2);
  fleet.scale(1, 100);
  run(fleet, 100, 700);
  expect(events).toEqual(["0: 0 ready", "0: 1 ready", "100: 1 drains"]);
  expect(fleet.nodeCount).toBe(2);
  run(fleet, 700, 745);
  expect(fleet.nodeCount).toBe(1);
});

test("an interrupted node takes its replica, and the Deployment makes another", () => {
  const { events, serving } = watched();
  const fleet = new Fleet(serving, { min: 0, max: 2, replicasPerNode: 1 }, startup, 1);
  fleet.begin(1);
  fleet.interrupt(50);
  run(fleet, 50, 400);
  expect(events[1]).toBe("50: 0 lost");
  expect(events[2]).toMatch(/: 1 ready$/);
});
