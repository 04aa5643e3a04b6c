import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Secret } from "../../components/kube/objects";
import { asFailed, descriptionOf, recordsOf, settlement } from "../../components/safeguards/helm-records";

/** A revision as helm stores it: JSON, gzip, base64, and Kubernetes's base64 around it. */
function secret(revision: number, status: string, description = ""): Secret {
  const release = { name: "chat", version: revision, info: { status, description }, manifest: "kind: Pod" };
  const packed = gzipSync(JSON.stringify(release)).toString("base64");
  return {
    metadata: {
      name: `sh.helm.release.v1.chat.v${revision}`,
      labels: { owner: "helm", name: "chat", status, version: String(revision) },
    },
    data: { release: Buffer.from(packed).toString("base64") },
  };
}

const settled = (secrets: Secret[], creating: boolean, ours = false) =>
  settlement(recordsOf(secrets), creating, () => ours);

describe("a release that is to be created", () => {
  it("is not looked at when helm has no record of it", () => {
    expect(settled([], true)).toBeUndefined();
  });

  it.each(["pending-install", "failed", "uninstalling"])(
    "takes a record out of the way that is %s",
    (status) => {
      expect(settled([secret(1, status)], true)).toEqual({ remove: ["sh.helm.release.v1.chat.v1"] });
    },
  );

  it("leaves a working release of somebody else alone", () => {
    expect(settled([secret(1, "deployed")], true)).toBeUndefined();
    // Somebody is in the middle of upgrading it.
    expect(settled([secret(1, "deployed"), secret(2, "pending-upgrade")], true)).toBeUndefined();
  });

  it("takes over a working release that this stack made and did not record", () => {
    expect(settled([secret(1, "deployed")], true, true)?.remove).toEqual(["sh.helm.release.v1.chat.v1"]);
  });
});

describe("a release that is to be updated", () => {
  it("is left as it is when nothing was interrupted", () => {
    expect(settled([secret(1, "superseded"), secret(2, "deployed")], false)).toBeUndefined();
    expect(settled([secret(1, "failed")], false)).toBeUndefined();
  });

  it("gets its half-made revision marked as failed, whatever the order of the list", () => {
    expect(settled([secret(10, "pending-upgrade"), secret(9, "deployed")], false)).toEqual({
      remove: [],
      fail: "sh.helm.release.v1.chat.v10",
    });
  });
});

describe("marking a revision as failed", () => {
  it("changes the status in the record and in the label, and nothing else of the record", () => {
    const patch = asFailed(secret(3, "pending-upgrade", "Preparing upgrade")) as {
      metadata: { labels: object };
      data: { release: string };
    };
    expect(patch.metadata).toEqual({ labels: { status: "failed" } });
    const packed = Buffer.from(patch.data.release, "base64").toString();
    expect(JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString())).toEqual({
      name: "chat",
      version: 3,
      info: { status: "failed", description: "interrupted" },
      manifest: "kind: Pod",
    });
  });

  it("reads who made a revision", () => {
    expect(descriptionOf(secret(1, "deployed", "Managed by the Pulumi stack a/b/c"))).toBe(
      "Managed by the Pulumi stack a/b/c",
    );
  });
});
