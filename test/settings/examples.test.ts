import { projectRoot } from "@inference-platform/kit";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { exampleValues } from "../../settings/examples";
import { planChanged } from "../support/changed-stacks";

const paths = (raw: Record<string, unknown>) => exampleValues(raw).map(({ path }) => path);

describe("an example's value", () => {
  it.each([
    ["a block for documentation", { publicAccessCidrs: ["198.51.100.7/32"] }, "publicAccessCidrs[0]"],
    ["another one", { privateAccessCidrs: ["10.0.0.0/8", "192.0.2.0/24"] }, "privateAccessCidrs[1]"],
    ["an account of AWS's documentation", { viewers: ["arn:aws:iam::123456789012:role/x"] }, "viewers[0]"],
  ])("is found in a list: %s", (_what, cluster, path) => {
    expect(paths({ cluster })).toEqual([`cluster.${path}`]);
  });

  it.each([
    ["domain", "models.example.org"],
    ["hostedZoneId", "Z2EXAMPLE"],
    ["certificateArn", "arn:aws:acm:us-east-1:444455556666:certificate/1"],
  ])("is found as ingress.%s", (key, value) => {
    expect(paths({ ingress: { [key]: value } })).toEqual([`ingress.${key}`]);
  });

  it("is not a value of somebody's", () => {
    const cluster = {
      publicAccessCidrs: ["0.0.0.0/0", "203.0.112.0/24"],
      administrators: ["arn:aws:iam::210987654321:role/example"],
    };
    expect(paths({ cluster, ingress: { domain: "llm.myexample.com", hostedZoneId: "Z04EXAMP" } })).toEqual(
      [],
    );
    expect(paths({})).toEqual([]);
  });
});

describe("on AWS", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  /** An engine, as `pulumi preview` has one; the program stops before it says a word to it. */
  const engine = () => vi.spyOn(pulumi.runtime, "getEngine").mockReturnValue({} as never);

  it("examples are refused, each by its key, before any resource", async () => {
    engine();
    await expect(planChanged(projectRoot, "prod")).rejects.toThrow(
      /5 problems\n.*cluster\.publicAccessCidrs\[0\] \("203\.0\.113\.0\/24"\): must be a value of yours[\s\S]*hostedZoneId/,
    );
  });
});
