import * as aws from "@pulumi/aws/s3";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { describe, expect, it } from "vitest";
import { isSecret, record } from "./support/components";

class Box extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("inference-platform:index:Box", name, {}, opts);
    const password = new RandomPassword(`${name}-password`, { length: 20 }, { parent: this });
    new k8s.core.v1.Secret(
      `${name}-secret`,
      { stringData: { password: pulumi.secret("hush") } },
      { parent: this, protect: true, ignoreChanges: ["metadata"], dependsOn: [password] },
    );
    this.registerOutputs({});
  }
}

describe("the strict mocks", () => {
  it("see parents, options, dependencies, providers and secrets", async () => {
    const recording = await record(() => {
      const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
      new Box("box", { provider });
    });
    const secret = recording.one("kubernetes:core/v1:Secret");
    expect(secret.urn).toContain("inference-platform:index:Box$kubernetes:core/v1:Secret::box-secret");
    expect(secret.options).toMatchObject({ protect: true, ignoreChanges: ["metadata"] });
    expect(secret.dependencies.some((urn) => urn.endsWith("::box-password"))).toBe(true);
    expect(secret.provider).toMatch(/::cluster$/);
    expect(isSecret(secret.inputs.stringData)).toBe(true);
  });

  it("refuse what was not expected", async () => {
    await expect(record(() => new aws.Bucket("b"))).rejects.toThrow(/did not expect.*aws:s3\/bucket:Bucket/);
  });

  it("notice duplicate names", async () => {
    const recording = await record(() => {
      new Box("box");
      new Box("box");
    });
    expect(recording.duplicates).toHaveLength(3);
  });

  it("reject with an error thrown by a component", async () => {
    await expect(
      record(() => {
        throw new pulumi.RunError("no");
      }),
    ).rejects.toThrow("no");
  });
});
