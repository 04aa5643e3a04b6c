import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeToSend } from "../../components/safeguards/node-group-size";

const bounds = fc
  .tuple(fc.nat(20), fc.nat(20))
  .map(([minSize, more]) => ({ minSize, maxSize: minSize + more }));

describe("the number of nodes that goes with new bounds", () => {
  it("is nothing while there is no group, or the bounds stay", () => {
    expect(sizeToSend({ minSize: 0, maxSize: 4 })).toBeUndefined();
    expect(
      sizeToSend({ minSize: 0, maxSize: 4 }, { minSize: 0, maxSize: 4, desiredSize: 3 }),
    ).toBeUndefined();
  });

  it("is what runs now when the ceiling is raised", () => {
    expect(sizeToSend({ minSize: 0, maxSize: 8 }, { minSize: 0, maxSize: 4, desiredSize: 3 })).toBe(3);
  });

  it("never stops a node that the new bounds have room for, and is always within them", () => {
    fc.assert(
      fc.property(bounds, bounds, fc.nat(40), (wanted, live, desired) => {
        const desiredSize = Math.min(live.maxSize, Math.max(live.minSize, desired));
        const size = sizeToSend(wanted, { ...live, desiredSize });
        if (size === undefined) return;
        expect(size).toBeGreaterThanOrEqual(Math.min(desiredSize, wanted.maxSize));
        expect(size).toBeGreaterThanOrEqual(wanted.minSize);
        expect(size).toBeLessThanOrEqual(wanted.maxSize);
      }),
    );
  });
});
