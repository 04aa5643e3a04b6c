import { evaluate, PlanBackend, SimulatedAws } from "@inference-platform/planner";
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { validatedCertificate } from "../../components/ingress/certificate";

it("is issued beside another one of the domain, whose proof is there: ACM has one record for both", async () => {
  const aws = new SimulatedAws({ region: "us-east-1" });
  const context = { project: "inference-platform", stack: "test", config: {} };
  const stack = (name: string) =>
    evaluate(new PlanBackend(aws), context, () => {
      const parent = new pulumi.ComponentResource("test:index:Parent", name);
      return {
        arn: validatedCertificate(name, { domain: "llm.example.com", zoneId: "Z0123456789ABC" }, parent),
      };
    });
  const [one, other] = [await stack("one"), await stack("other")];
  expect(one.outputs.arn).toMatch(/^arn:aws:acm:us-east-1:/);
  expect(other.outputs.arn).not.toBe(one.outputs.arn);
});
