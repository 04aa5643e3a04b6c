import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiCall, decide, type PolicyDocument } from "@inference-platform/planner";
import { describe, expect, it, test } from "vitest";
import { charts } from "../../components/common/charts";
import { controllerPolicy } from "../../components/ingress/controller-policy";
import { LoadBalancerController } from "../../components/ingress/load-balancer-controller";
import { chartArchive, withoutChart } from "../support/charts";
import { type Expected, record } from "../support/components";
import { helmTemplate, type Rendered } from "../support/helm";
import { controllerRequests } from "./controller-requests";

const releaseType = "kubernetes:helm.sh/v3:Release";
const answers: Expected = {
  resources: {
    "aws:iam/role:Role": () => ({ id: "role", name: "role", arn: "arn:aws:iam::111122223333:role/role" }),
    "aws:iam/rolePolicy:RolePolicy": () => ({ id: "policy" }),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": () => ({ id: "association" }),
  },
};
const build = () =>
  record(
    () =>
      new LoadBalancerController("controller", {
        clusterName: "platform-test",
        region: "eu-west-1",
        vpcId: "vpc-0123",
      }),
    answers,
  );

describe("the controller's permissions", () => {
  const policy = controllerPolicy({ clusterName: "platform-test", region: "eu-west-1", vpcId: "vpc-1" });
  const principal = {
    arn: "arn:aws:sts::111122223333:assumed-role/controller/pod",
    policies: { own: policy as PolicyDocument },
  };
  const refused = (calls: ApiCall[]) =>
    calls.flatMap((call) =>
      decide(principal, call, "eu-west-1")
        .filter(({ allowed }) => !allowed)
        .map(({ resource }) => `${call.action} ${resource}`),
    );

  it("name every action, and fit a managed policy", () => {
    expect(JSON.stringify(policy).length).toBeLessThan(6144);
    const actions = policy.Statement.flatMap((statement) => statement.Action);
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Z][A-Za-z]+$/.test(action))).toEqual([]);
  });

  test("are enough for all that it does for an Ingress", () => {
    expect(refused(controllerRequests("platform-test", "vpc-1"))).toEqual([]);
  });

  test("reach no load balancer of another cluster, and no group of another VPC", () => {
    const others = controllerRequests("platform-prod", "vpc-2").filter(
      ({ action }) => !/:(Describe|Get|List)/.test(action),
    );
    const open = others.filter((call) => refused([call]).length === 0).map(({ action }) => action);
    expect([...new Set(open)].sort()).toEqual(
      [
        // Once in an account.
        "iam:CreateServiceLinkedRole",
        // The reference knows no tags for it.
        "elasticloadbalancing:SetRulePriorities",
      ].sort(),
    );
  });

  test("never take over what is another's, nor give away its own", () => {
    const own = { "elbv2.k8s.aws/cluster": "platform-test" };
    const others = { "elbv2.k8s.aws/cluster": "platform-prod" };
    const requested = {
      "aws:RequestTag/elbv2.k8s.aws/cluster": "platform-test",
      "aws:TagKeys": Object.keys(own),
    };
    const balancer = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/a/1";
    const group = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1";
    const claims: ApiCall[] = [balancer, group].flatMap((arn) =>
      [own, others, {}].map((tags) => ({
        action: arn === group ? "ec2:CreateTags" : "elasticloadbalancing:AddTags",
        resources: [{ arn, tags }],
        context: requested,
      })),
    );
    expect(claims.filter((call) => refused([call]).length === 0)).toEqual([]);
  });

  it("hold in the region's own partition", () => {
    const text = JSON.stringify(controllerPolicy({ clusterName: "c", region: "cn-north-1", vpcId: "vpc-1" }));
    expect(text).toContain("arn:aws-cn:ec2:cn-north-1:*:security-group/*");
    expect(text).not.toContain("arn:aws:");
  });
});

describe("the controller", () => {
  it("starts after its credentials, and leaves before them", async () => {
    const recording = await build();
    const release = recording.one(releaseType);
    for (const type of Object.keys(answers.resources ?? {})) {
      expect(release.dependencies).toContain(recording.one(type).urn);
    }
  });

  it("gets the role that its service account is linked to", async () => {
    const recording = await build();
    const association = recording.one("aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs;
    const { namespace, values } = recording.one(releaseType).inputs as Rendered;
    expect(association).toMatchObject({ namespace, serviceAccount: values.serviceAccount.name });
  });

  it("is told the VPC and the region, which it could not find out itself", async () => {
    expect((await build()).one(releaseType).inputs.values).toMatchObject({
      clusterName: "platform-test",
      region: "eu-west-1",
      vpcId: "vpc-0123",
    });
  });
});

const archive = chartArchive(charts.awsLoadBalancerController);
const skipped = archive ? "" : withoutChart(charts.awsLoadBalancerController);
describe.skipIf(!archive)(`the controller's chart ${skipped}`, () => {
  let rendering: Promise<Rendered[]> | undefined;
  const render = () => {
    rendering ??= build().then((recording) => {
      const { name, namespace, values } = recording.one(releaseType).inputs as Rendered;
      return helmTemplate(archive ?? "", name, namespace, values);
    });
    return rendering;
  };
  const kind = async (name: string) => (await render()).filter((object) => object.kind === name);

  it("registers no webhook that could refuse Services, nor Pods of unmarked namespaces", async () => {
    const webhooks = [
      ...(await kind("MutatingWebhookConfiguration")),
      ...(await kind("ValidatingWebhookConfiguration")),
    ].flatMap((configuration) => configuration.webhooks);
    const about = (resource: string) =>
      webhooks.filter((webhook) => webhook.rules.some((rule: Rendered) => rule.resources.includes(resource)));
    expect(about("services")).toEqual([]);
    for (const webhook of about("pods")) {
      const selectors = [
        ...(webhook.namespaceSelector?.matchExpressions ?? []),
        ...(webhook.objectSelector?.matchExpressions ?? []),
      ];
      expect(selectors.some((one: Rendered) => one.operator === "In")).toBe(true);
    }
    expect(about("ingresses")).toHaveLength(1);
  });

  it("leaves the IngressClass to InferenceIngress", async () => {
    const kinds = (await render()).map((object) => object.kind);
    expect(kinds).not.toContain("IngressClass");
    expect(kinds).not.toContain("List");
  });

  it("runs twice, on two nodes if it can, with a budget", async () => {
    const [deployment] = await kind("Deployment");
    expect(deployment.spec.replicas).toBe(2);
    const [budget] = await kind("PodDisruptionBudget");
    expect(budget.spec.maxUnavailable).toBe(1);
    const { labels } = deployment.spec.template.metadata;
    expect(labels).toMatchObject(budget.spec.selector.matchLabels);
    const [spread] = deployment.spec.template.spec.topologySpreadConstraints;
    expect(labels).toMatchObject(spread.labelSelector.matchLabels);
  });

  it("uses nothing that its role may not do", async () => {
    const [deployment] = await kind("Deployment");
    expect(deployment.spec.template.spec.containers[0].args).toEqual(
      expect.arrayContaining([
        "--enable-shield=false",
        "--enable-waf=false",
        "--enable-wafv2=false",
        "--aws-vpc-id=vpc-0123",
        "--aws-region=eu-west-1",
        "--cluster-name=platform-test",
        "--disable-ingress-group-name-annotation=true",
      ]),
    );
    // What is off is not offered.
    const security = readFileSync(join(__dirname, "../../docs/security.md"), "utf8");
    expect(security).toMatch(/web application firewall \(the load balancer controller runs without/);
    expect(security).not.toMatch(/wafv2AclArn/);
  });
});
