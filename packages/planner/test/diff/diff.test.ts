import { UsageError } from "@inference-platform/kit";
import { describe, expect, it } from "vitest";
import { SimulatedAws } from "../../src/aws/account";
import { diffPlans } from "../../src/diff/diff";
import { markdownDiff } from "../../src/diff/formats/markdown";
import { textDiff } from "../../src/diff/formats/text";
import { parseGates } from "../../src/diff/gates";
import type { PlanDiff } from "../../src/diff/types";
import type { Plan, PlannedResource } from "../../src/plan/types";
import { deploymentOf, planOf, releaseOf, resourceOf } from "./plans";

/** The difference of two plans that have these resources only. */
function between(before: PlannedResource[], after: PlannedResource[], more: Partial<Plan> = {}): PlanDiff {
  return diffPlans(planOf(before), planOf(after, more));
}

const actions = (diff: PlanDiff) =>
  Object.fromEntries(diff.resources.map(({ name, action }) => [name, action]));
const dangers = (diff: PlanDiff) => diff.dangers.map(({ kind, subject }) => `${kind}: ${subject}`);

describe("what happens to resources", () => {
  const log = (name: string, retentionInDays: number) =>
    resourceOf("aws:cloudwatch/logGroup:LogGroup", "logs", { name, retentionInDays });

  it("tells apart what is created, updated, replaced, deleted and imported", () => {
    const bucket = resourceOf("aws:kms/key:Key", "old", {});
    const imported = resourceOf("aws:kms/key:Key", "adopted", {}, { options: { import: "key-1" } });
    const created = resourceOf("aws:kms/key:Key", "new", {});
    expect(actions(between([bucket, log("/a", 7)], [log("/a", 9), imported, created]))).toEqual({
      logs: "update",
      old: "delete",
      adopted: "import",
      new: "create",
    });
    expect(actions(between([log("/a", 7)], [log("/b", 7)]))).toEqual({ logs: "replace" });
    expect(between([log("/a", 7)], [log("/a", 7)]).resources).toEqual([]);
  });

  it("leaves out what the program tells the engine to ignore, and honours replaceOnChanges", () => {
    const options = { ignoreChanges: ["retentionInDays"] };
    expect(
      between([log("/a", 7)], [{ ...log("/a", 9), options }]).resources.map(({ changes }) => changes),
    ).toEqual([[expect.objectContaining({ path: "option ignoreChanges" })]]);
    const forced = { ...log("/a", 9), options: { replaceOnChanges: ["retentionInDays"] } };
    expect(actions(between([log("/a", 7)], [forced]))).toEqual({ logs: "replace" });
  });

  it("says when the old one must go first: the name is the program's, and taken", () => {
    const cluster = (roleArn: string) =>
      resourceOf("aws:eks/cluster:Cluster", "cluster", {
        name: "main",
        roleArn,
        vpcConfig: { subnetIds: ["a"] },
      });
    const [found] = between([cluster("arn:one")], [cluster("arn:two")]).resources;
    expect(found).toMatchObject({ action: "replace", deleteFirst: true });
  });

  it("knows the fields that Kubernetes does not change: of Secrets too, unless the provider may", () => {
    const secret = (key: string, provider?: string) =>
      resourceOf(
        "kubernetes:core/v1:Secret",
        "s",
        { metadata: { name: "s" }, data: { [key]: "[secret]" } },
        { provider },
      );
    expect(actions(between([secret("a")], [secret("b")]))).toEqual({ s: "replace" });
    const provider = resourceOf("pulumi:providers:kubernetes", "p", { enableSecretMutable: true });
    const mutable = between([provider, secret("a", provider.urn)], [provider, secret("b", provider.urn)]);
    expect(actions(mutable)).toEqual({ s: "update" });
  });
});

describe("what follows from a replacement", () => {
  it("replaces what refers to it where the reference cannot be changed, and updates the rest", () => {
    const network = (cidrBlock: string) => {
      const vpc = resourceOf("aws:ec2/vpc:Vpc", "vpc", { cidrBlock });
      const { id } = new SimulatedAws({ region: "us-east-1" }).create(vpc.type, vpc.name, vpc.inputs);
      const dependencies = [vpc.urn];
      const gateway = resourceOf(
        "aws:ec2/internetGateway:InternetGateway",
        "igw",
        { vpcId: id },
        { dependencies },
      );
      const group = resourceOf(
        "aws:ec2/securityGroup:SecurityGroup",
        "group",
        { vpcId: id },
        { dependencies },
      );
      const other = resourceOf("aws:cloudwatch/logGroup:LogGroup", "logs", { name: id }, {});
      return [vpc, gateway, group, other];
    };
    const diff = between(network("10.0.0.0/16"), network("10.1.0.0/16"));
    expect(actions(diff)).toEqual({ vpc: "replace", igw: "update", group: "replace" });
    expect(diff.resources.find(({ name }) => name === "group")?.because).toEqual([
      "`vpcId` refers to `Vpc vpc`",
    ]);
  });

  it("rotates a credential, and with it the Secrets that hold it", () => {
    const password = (length: number) =>
      resourceOf("random:index/randomPassword:RandomPassword", "pw", { length });
    const secret = resourceOf(
      "kubernetes:core/v1:Secret",
      "auth",
      { metadata: { name: "auth" }, stringData: "[secret]" },
      { dependencies: [password(1).urn] },
    );
    const diff = between([password(20), secret], [password(40), secret]);
    expect(actions(diff)).toEqual({ pw: "replace", auth: "replace" });
    expect(dangers(diff)).toEqual(["credential: RandomPassword pw"]);
  });

  it("rolls the nodes of a launch template that changes", () => {
    const template = (volumeSize: number) =>
      resourceOf("aws:ec2/launchTemplate:LaunchTemplate", "lt", {
        blockDeviceMappings: [{ ebs: { volumeSize } }],
      });
    const nodes = resourceOf("aws:eks/nodeGroup:NodeGroup", "nodes", {}, { dependencies: [template(1).urn] });
    const diff = between([template(50), nodes], [template(80), nodes]);
    expect(actions(diff)).toEqual({ lt: "update", nodes: "update" });
    expect(markdownDiff(diff)).toContain("`NodeGroup nodes`: the nodes are replaced a few at a time");
  });
});

describe("releases", () => {
  const diffOf = (before: ReturnType<typeof releaseOf>, after: ReturnType<typeof releaseOf>) =>
    diffPlans(planOf(before.resources, before), planOf(after.resources, after));

  it("are compared object by object, with the pods that roll", () => {
    const diff = diffOf(
      releaseOf({ tag: 1 }, [deploymentOf({ image: "app:1" })]),
      releaseOf({ tag: 2 }, [deploymentOf({ image: "app:2" })]),
    );
    expect(diff.resources[0]?.release).toMatchObject({
      objects: [{ kind: "Deployment", action: "update", changes: [{ before: "app:1", after: "app:2" }] }],
      rolls: [{ kind: "Deployment", name: "app" }],
    });
    const text = markdownDiff(diff);
    expect(text).toContain("containers[app].image`: `app:1` → `app:2`");
    expect(text).not.toContain("values.tag");
  });

  it("fold a changed checksum into one remark", () => {
    const text = markdownDiff(
      diffOf(
        releaseOf({ a: 1 }, [deploymentOf({ config: "aaa" })]),
        releaseOf({ a: 2 }, [deploymentOf({ config: "bbb" })]),
      ),
    );
    expect(text).toContain("its configuration changes (checksum)");
    expect(text).not.toContain("bbb");
  });

  it("are compared by their values when one side is not rendered, and it is said", () => {
    const text = textDiff(diffOf(releaseOf({ a: 1 }, undefined), releaseOf({ a: 2 }, [deploymentOf({})])));
    expect(text).toContain("compared by its values only");
    expect(text).toContain("values.a: 1 → 2");
  });

  it("warn of a field that the API server refuses to change: helm cannot replace objects", () => {
    const diff = diffOf(
      releaseOf({ a: 1 }, [deploymentOf({ label: "old" })]),
      releaseOf({ a: 2 }, [deploymentOf({ label: "new" })]),
    );
    expect(diff.dangers[0]).toMatchObject({ kind: "refused", subject: "Release app" });
    expect(diff.dangers[0]?.text).toContain("`spec.selector.matchLabels.app`");
  });

  it("warn of templates that change while nothing does that Pulumi compares", () => {
    const before = releaseOf({}, [deploymentOf({ image: "app:1" })]);
    const changed = [deploymentOf({ image: "app:2" })];
    expect(dangers(diffOf(before, releaseOf({}, changed)))).toEqual(["suspicious: Release app"]);
    expect(dangers(diffOf(before, releaseOf({}, changed, { version: "1.0.1" })))).toEqual([]);
  });

  it("ignore certificates that a chart makes at each rendering", () => {
    const webhook = (caBundle: string) => ({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "hook" },
      webhooks: [{ name: "hook", clientConfig: { caBundle } }],
    });
    expect(diffOf(releaseOf({}, [webhook("one")]), releaseOf({}, [webhook("two")])).resources).toEqual([]);
  });

  it("tell a change that many objects share once", () => {
    const objects = (version: string) =>
      Array.from({ length: 20 }, (_, i) => ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: `s${i}`, labels: { "helm.sh/chart": version } },
      }));
    const text = textDiff(diffOf(releaseOf({ v: 1 }, objects("a-1")), releaseOf({ v: 2 }, objects("a-2"))));
    expect(text.match(/a-1 → a-2/g)).toHaveLength(1);
    expect(text).toContain("in 20 objects");
  });
});

describe("dangers", () => {
  /** What is told of one property that changes. */
  const of = (type: string, before: object, after: object) =>
    between([resourceOf(type, "x", { ...before })], [resourceOf(type, "x", { ...after })]).dangers.map(
      ({ kind, text }) => `${kind}: ${text}`,
    );

  it.each([
    [
      "aws:eks/cluster:Cluster",
      { deletionProtection: true },
      { deletionProtection: false },
      /^protection: .*deletion protection off/,
    ],
    [
      "aws:eks/cluster:Cluster",
      { version: "1.35" },
      { version: "1.37" },
      /^refused: EKS upgrades one minor version/,
    ],
    ["aws:eks/cluster:Cluster", { version: "1.35" }, { version: "1.34" }, /^refused: EKS cannot go back/],
    [
      "aws:ec2/launchTemplate:LaunchTemplate",
      { metadataOptions: { httpTokens: "required" } },
      { metadataOptions: {} },
      /^security: .*IMDSv1/,
    ],
    [
      "aws:kms/key:Key",
      { deletionWindowInDays: 30 },
      { deletionWindowInDays: 7 },
      /^protection: .*30 → 7 days/,
    ],
    [
      "kubernetes:storage.k8s.io/v1:StorageClass",
      { reclaimPolicy: "Retain" },
      { reclaimPolicy: "Delete" },
      /^protection: .*volumes go/,
    ],
    [
      "aws:iam/rolePolicy:RolePolicy",
      { policy: policy("s3:GetObject") },
      { policy: policy("s3:*") },
      /^security: \*\*allows more\*\*: `s3:\* on \*`/,
    ],
    [
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      { cidrIpv4: "198.51.100.0/24" },
      { cidrIpv4: "0.0.0.0/0" },
      /^public: admits \*\*the whole internet/,
    ],
    [
      "aws:eks/cluster:Cluster",
      { vpcConfig: { publicAccessCidrs: ["198.51.100.0/24"] } },
      { vpcConfig: { publicAccessCidrs: ["198.51.0.0/16"] } },
      /^security: admits \*\*`198\.51\.0\.0\/16`/,
    ],
    [
      "aws:eks/cluster:Cluster",
      { vpcConfig: { endpointPublicAccess: false } },
      { vpcConfig: { endpointPublicAccess: true } },
      /^public: .*everybody/,
    ],
    [
      "kubernetes:core/v1:Namespace",
      namespace("restricted"),
      namespace("baseline"),
      /^security: .*pod security lowered/,
    ],
    ["kubernetes:networking.k8s.io/v1:Ingress", ingress("HTTPS"), ingress("HTTP"), /^security: \*\*TLS off/],
  ])("%s %j → %j", (type, before, after, expected) => {
    expect(of(type, before, after)).toContainEqual(expect.stringMatching(expected));
    // The other way around it is no danger of that kind, but for versions.
    const back = of(type, after, before);
    if (!("version" in before)) expect(back).not.toContainEqual(expect.stringMatching(expected));
  });

  it("says that a narrower list of callers is none", () => {
    const cidrs = (...publicAccessCidrs: string[]) => ({ vpcConfig: { publicAccessCidrs } });
    expect(of("aws:eks/cluster:Cluster", cidrs("198.51.0.0/16"), cidrs("198.51.100.0/24"))).toEqual([]);
  });

  it("tells a removed network policy, but not one that goes with all that it was for", () => {
    const policyOf = (parent: string) =>
      resourceOf(
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "deny",
        { metadata: { name: "deny" } },
        { parent },
      );
    const owner = resourceOf("x:index:Component", "owner", {}, { custom: false });
    expect(dangers(between([owner, policyOf(owner.urn)], [owner]))).toEqual(["security: NetworkPolicy deny"]);
    expect(dangers(between([owner, policyOf(owner.urn)], []))).toEqual([]);
  });

  it("says that what is protected cannot be deleted", () => {
    const key = resourceOf("aws:kms/key:Key", "key", {}, { options: { protect: true } });
    expect(dangers(between([key], []))).toEqual(["refused: Key key", "loss: Key key"]);
  });

  it("tells new containers that may do more", () => {
    const pod = (privileged: boolean) =>
      releaseOf({ privileged }, [deploymentOf({ context: { privileged } })]);
    const [before, after] = [pod(false), pod(true)];
    const diff = diffPlans(planOf(before.resources, before), planOf(after.resources, after));
    expect(dangers(diff)).toEqual(["security: Deployment apps/app"]);
  });
});

describe("secrets", () => {
  const planted = "hunter2-planted";
  const shown = (before: Plan, after: Plan) => {
    const diff = diffPlans(before, after);
    return [markdownDiff(diff), textDiff(diff), JSON.stringify(diff)].join("\n");
  };

  it("never shows the old value of what became secret, wherever else it stood", () => {
    const encoded = Buffer.from(planted).toString("base64");
    const plan = (env: unknown, other: string) =>
      planOf([
        resourceOf("aws:ec2/launchTemplate:LaunchTemplate", "lt", { description: other, env }),
        resourceOf("aws:kms/key:Key", "key", { description: `made with ${other} and ${encoded}` }),
      ]);
    const text = shown(plan({ TOKEN_VALUE: planted }, planted), plan("[secret]", "nothing"));
    expect(text).not.toContain(planted);
    expect(text).not.toContain(encoded);
    expect(text).toContain("**now secret**");
  });

  it("never shows the new value of what is no longer secret, and calls it a danger", () => {
    const plan = (env: string) => planOf([resourceOf("aws:kms/key:Key", "key", { description: env })]);
    const text = shown(plan("[secret]"), plan(planted));
    expect(text).not.toContain(planted);
    expect(text).toContain("no longer secret");
    expect(text).toContain("Security relaxed");
  });

  it("hides values whose names tell, in properties, lists, texts and command lines", () => {
    const plan = (value: string) =>
      planOf([
        resourceOf("aws:kms/key:Key", "key", {
          adminPassword: value,
          containers: [
            { name: "a", env: [{ name: "HF_TOKEN", value }], args: ["serve", `--api-key=${value}`] },
          ],
          config: `user: me\npassword: ${value}\n`,
        }),
      ]);
    const text = shown(plan(planted), plan(`${planted}-2`));
    expect(text).not.toContain(planted);
    expect(text).toContain("adminPassword");
  });

  it("hides them in what is removed as a whole", () => {
    const containers = [{ name: "a", env: [{ name: "API_KEY", value: planted }] }];
    const text = shown(
      planOf([resourceOf("aws:kms/key:Key", "key", { containers })]),
      planOf([resourceOf("aws:kms/key:Key", "key", { containers: [] })]),
    );
    expect(text).not.toContain(planted);
  });
});

describe("the comment", () => {
  const many = (count: number, value: string) =>
    planOf([
      resourceOf(
        "aws:kms/key:Key",
        "key",
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, value])),
      ),
      resourceOf("aws:ec2/vpc:Vpc", "vpc", { cidrBlock: value }),
    ]);

  it("holds 1,000 changed properties: detail goes first, dangers stay, and it says so", () => {
    const diff = diffPlans(many(1000, "before ".repeat(10)), many(1000, "after ".repeat(10)));
    const text = markdownDiff(diff);
    expect(text.length).toBeLessThan(64_000);
    expect(text).toContain("Some changed values are left out");
    expect(text).toContain("**Replaced or deleted**");
    expect(text).toMatch(/and \d+ more changed values/);
    expect(textDiff(diff)).toContain("p999: ");
  });

  it("holds 800 created and 800 deleted resources", () => {
    const plan = (prefix: string) =>
      planOf(
        Array.from({ length: 800 }, (_, i) =>
          resourceOf("aws:kms/key:Key", `${prefix}-${i}-${"x".repeat(40)}`, { i }),
        ),
      );
    const text = markdownDiff(diffPlans(plan("a"), plan("b")));
    expect(text.length).toBeLessThan(64_000);
    expect(text.startsWith("## `test`: 800 deleted")).toBe(true);
  });

  it("is the same text whatever the order of registration and of keys", () => {
    const resources = [
      resourceOf("aws:ec2/vpc:Vpc", "a", { cidrBlock: "10.0.0.0/16", tags: { x: "1", y: "2" } }),
      resourceOf("aws:kms/key:Key", "b", { description: "1", tags: {} }),
      resourceOf("aws:kms/key:Key", "c", { description: "1" }),
    ];
    const changed = [
      resourceOf("aws:ec2/vpc:Vpc", "a", { tags: { y: "3", x: "4" }, cidrBlock: "10.1.0.0/16" }),
      resourceOf("aws:kms/key:Key", "b", { tags: {}, description: "2" }),
      resourceOf("aws:kms/key:Key", "d", { description: "1" }),
    ];
    const text = markdownDiff(between(resources, changed));
    expect(markdownDiff(between([...resources].reverse(), [...changed].reverse()))).toBe(text);
  });

  it("lets nothing of a plan be Markdown, HTML or a mention", () => {
    const evil = "`</details>|@everyone **x**\n# title <img src=x>";
    const plan = (value: string) =>
      planOf([resourceOf("aws:kms/key:Key", evil, { [evil]: value })], { outputs: { [evil]: value } });
    const text = markdownDiff(diffPlans(plan("a"), plan(`b ${evil}`)));
    const outside = text.replace(/`[^`\n]*`/g, "");
    expect(outside).not.toContain("@everyone");
    expect(outside).not.toContain("<img");
    expect(outside.match(/<\/details>/g)).toHaveLength(2);
    expect(text).not.toMatch(/^# title/m);
  });

  it("is one line of figures when nothing changes", () => {
    const plan = planOf([]);
    expect(markdownDiff(diffPlans(plan, plan))).toMatch(/^## `test`: no changes; \$0 a month, unchanged\n/);
  });

  it("shows everything as new when there is nothing to compare with, and why", () => {
    const diff = diffPlans(undefined, many(2, "x"), "main has no stack test yet");
    const text = markdownDiff(diff);
    expect(text).toContain("everything is new, 2 created");
    expect(text).toContain("main has no stack test yet");
    expect(diff.dangers).toEqual([]);
  });

  it("shows a check that fails first, even if it failed before", () => {
    const check = { id: "budget", status: "fail", detail: "too much" } as const;
    const diff = diffPlans(planOf([], { checks: [check] }), planOf([], { checks: [check] }));
    expect(markdownDiff(diff)).toContain("**fail** `budget`: `too much`");
  });
});

describe("gates", () => {
  const key = resourceOf("aws:kms/key:Key", "key", {});
  const hits = (gates: string, diff: PlanDiff) => parseGates([gates]).flatMap((gate) => gate(diff));
  const costing = (floor: number, ceiling: number) => {
    const cost = planOf([]).cost;
    return planOf([], { cost: { ...cost, monthly: { floor, ceiling } } });
  };

  it("stop what they are for", () => {
    expect(hits("delete", between([key], []))).toEqual(["delete: Key key is deleted"]);
    expect(hits("replace,public", between([key], []))).toEqual([]);
    const vpc = (cidrBlock: string) => [resourceOf("aws:ec2/vpc:Vpc", "vpc", { cidrBlock })];
    expect(hits("replace", between(vpc("10.0.0.0/16"), vpc("10.1.0.0/16")))).toEqual([
      "replace: Vpc vpc is replaced",
    ]);
  });

  it("count all, however often the option is given, and each once", () => {
    const diff = between([key], []);
    const hits = (...texts: string[]) => parseGates(texts).flatMap((gate) => gate(diff));
    expect(hits("delete", "replace", "public")).toEqual(hits("replace,public", "delete"));
    expect(hits("delete", "delete, replace")).toEqual(["delete: Key key is deleted"]);
  });

  it("stop what will fail, asked for or not", () => {
    const cluster = (version: string) => [resourceOf("aws:eks/cluster:Cluster", "c", { version })];
    const diff = between(cluster("1.33"), cluster("1.35"));
    const hit = [
      "will-fail: Cluster c: EKS upgrades one minor version at a time. Merge and deploy the versions between one after the other",
    ];
    expect(hits("", diff)).toEqual(hit);
    expect(hits("will-fail", diff)).toEqual(hit);
  });

  it("stop a cost that rises by more than so much", () => {
    const diff = diffPlans(costing(100, 1000), costing(100, 1300));
    expect(hits("cost:+20%", diff)).toEqual(["cost: the ceiling rises by +$300 (+30 %), more than 20 %"]);
    expect(hits("cost:+30%", diff)).toEqual([]);
  });

  it("are refused when they are none", () => {
    expect(() => parseGates(["replace,everything"])).toThrow(UsageError);
    expect(() => parseGates(["cost:20"])).toThrow(/there are replace, delete, public/);
  });
});

function policy(action: string): string {
  return JSON.stringify({ Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] });
}

function namespace(level: string): object {
  return { metadata: { name: "n", labels: { "pod-security.kubernetes.io/enforce": level } } };
}

function ingress(protocol: string): object {
  const annotations = { "alb.ingress.kubernetes.io/listen-ports": JSON.stringify([{ [protocol]: 443 }]) };
  return { metadata: { name: "i", annotations } };
}
