import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DrainBudget } from "../../components/budgets/budgets";
import { ingressProblems } from "../../components/ingress/checks";
import { refuseReplacing } from "../../components/ingress/guard";
import {
  InferenceIngress,
  type InferenceIngressArgs,
  type IngressRoute,
  LoadBalancerScheme,
} from "../../components/ingress/ingress";
import { adminPaths, deniedPaths, isWithin, routeRules } from "../../components/ingress/routes";
import { type Expected, type Properties, record } from "../support/components";
import type { Rendered } from "../support/helm";

const ingressType = "kubernetes:networking.k8s.io/v1:Ingress";
const paramsType = "kubernetes:elbv2.k8s.aws/v1beta1:IngressClassParams";
const recordType = "aws:route53/record:Record";
const loadBalancer = "k8s-inference-0123456789.eu-west-1.elb.amazonaws.com";
const arn = "arn:aws:acm:eu-west-1:111122223333:certificate/given";

const drain = (more: Partial<DrainBudget> = {}): DrainBudget => ({
  longestRequestSeconds: 60,
  preStopSeconds: 15,
  drainSeconds: 60,
  terminationGraceSeconds: 80,
  deregistrationDelaySeconds: 70,
  idleTimeoutSeconds: 120,
  ...more,
});
const route = (service: string, more: Partial<IngressRoute> = {}): IngressRoute => ({
  service,
  port: 8000,
  apiPaths: ["/v1"],
  healthPath: "/health",
  drain: drain(),
  ...more,
});
const plain: InferenceIngressArgs = {
  namespace: "inference",
  scheme: LoadBalancerScheme.Internal,
  inboundCidrs: [],
  tls: false,
  routes: [route("llm")],
  deletionProtection: false,
};
const secure: InferenceIngressArgs = {
  ...plain,
  scheme: LoadBalancerScheme.InternetFacing,
  inboundCidrs: ["203.0.113.0/24"],
  tls: true,
  domain: "ai.example.com",
  hostedZoneId: "Z0123456789ABC",
  routes: [route("llm"), route("nlu", { port: 7860, apiPaths: ["/predict"], healthPath: "/ready" })],
};

const answers: Expected = {
  resources: {
    [ingressType]: () => ({
      id: "i",
      status: { loadBalancer: { ingress: [{ hostname: loadBalancer }] } },
    }),
    [recordType]: (inputs) => ({ id: "r", fqdn: inputs.name }),
    "aws:acm/certificate:Certificate": () => ({
      id: "c",
      arn: "arn:made",
      domainValidationOptions: [
        {
          domainName: "ai.example.com",
          resourceRecordName: "_proof.ai.example.com.",
          resourceRecordType: "CNAME",
          resourceRecordValue: "_value.acm-validations.aws.",
        },
      ],
    }),
    "aws:acm/certificateValidation:CertificateValidation": (inputs) => ({ id: "v", ...inputs }),
  },
};
const build = (args: InferenceIngressArgs) => record(() => new InferenceIngress("ingress", args), answers);
const spec = (inputs: Properties) => inputs.spec as Rendered;
const annotation = (inputs: Properties, name: string) =>
  (inputs.metadata as Rendered).annotations[`alb.ingress.kubernetes.io/${name}`];

describe("who may connect, and how", () => {
  it("is policy of the class: scheme, blocks, TLS 1.3 policy, redirect, one group of one namespace", async () => {
    const recording = await build({ ...secure, certificateArn: arn, loadBalancerName: "models" });
    expect(recording.one(paramsType).inputs.spec).toEqual({
      scheme: "internet-facing",
      inboundCIDRs: ["203.0.113.0/24"],
      group: { name: "ingress" },
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "inference" } },
      targetType: "ip",
      loadBalancerName: "models",
      certificateArn: [arn],
      sslPolicy: expect.stringMatching(/^ELBSecurityPolicy-TLS13-1-2-Res-/),
      sslRedirectPort: "443",
      loadBalancerAttributes: expect.arrayContaining([
        { key: "routing.http.drop_invalid_header_fields.enabled", value: "true" },
        { key: "deletion_protection.enabled", value: "false" },
      ]),
    });
    expect(recording.ofType("aws:acm/certificate:Certificate")).toEqual([]);
    const ports = annotation(recording.one(ingressType, "ingress-llm").inputs, "listen-ports");
    expect(JSON.parse(ports)).toEqual([{ HTTP: 80 }, { HTTPS: 443 }]);
  });

  it("is plain HTTP on port 80 without TLS, for an internal load balancer", async () => {
    const recording = await build(plain);
    expect(spec(recording.one(paramsType).inputs)).not.toHaveProperty("sslRedirectPort");
    expect(annotation(recording.one(ingressType).inputs, "listen-ports")).toBe('[{"HTTP":80}]');
    expect(spec(recording.one(ingressType).inputs).rules[0]).not.toHaveProperty("host");
    expect(recording.outputsOf(recording.one("inference-platform:index:InferenceIngress").urn)).toEqual({
      hostname: loadBalancer,
      endpoints: { llm: `http://${loadBalancer}` },
    });
  });
});

describe("the load balancer's patience", () => {
  it("lasts for the most patient service, and each service drains as long as its own requests need", async () => {
    const slow = drain({ idleTimeoutSeconds: 900, deregistrationDelaySeconds: 600 });
    const recording = await build({ ...secure, routes: [route("llm", { drain: slow }), route("nlu")] });
    expect(spec(recording.one(paramsType).inputs).loadBalancerAttributes).toContainEqual({
      key: "idle_timeout.timeout_seconds",
      value: "900",
    });
    const attributes = (service: string) =>
      annotation(recording.one(ingressType, `ingress-${service}`).inputs, "target-group-attributes");
    expect(attributes("llm")).toBe(
      "deregistration_delay.timeout_seconds=600,load_balancing.algorithm.type=least_outstanding_requests",
    );
    expect(attributes("nlu")).toContain("deregistration_delay.timeout_seconds=70,");
  });

  it("asks the engine's own health path", async () => {
    const { inputs } = (await build(secure)).one(ingressType, "ingress-nlu");
    expect(annotation(inputs, "healthcheck-path")).toBe("/ready");
  });
});

describe("what clients reach", () => {
  it("is each service under its own name, at its API paths only", async () => {
    const recording = await build(secure);
    const { rules } = spec(recording.one(ingressType, "ingress-nlu").inputs);
    expect(rules).toEqual([
      {
        host: "nlu.ai.example.com",
        http: {
          paths: [
            {
              path: "/predict",
              pathType: "Prefix",
              backend: { service: { name: "nlu", port: { number: 7860 } } },
            },
          ],
        },
      },
    ]);
    const outputs = recording.outputsOf(recording.one("inference-platform:index:InferenceIngress").urn);
    expect(outputs?.endpoints).toEqual({
      llm: "https://llm.ai.example.com",
      nlu: "https://nlu.ai.example.com",
    });
  });

  it("is a 404 where an admin route lies below an API path", async () => {
    const { inputs } = (await build(plain)).one(ingressType);
    const paths = spec(inputs).rules[0].http.paths;
    const lora = paths.find((one: Rendered) => one.path === "/v1/load_lora_adapter");
    const { name, port } = lora.backend.service;
    expect(port).toEqual({ name: "use-annotation" });
    expect(JSON.parse(annotation(inputs, `actions.${name}`))).toMatchObject({
      type: "fixed-response",
      fixedResponseConfig: { statusCode: "404" },
    });
  });

  it("is never an admin path: the longest rule that matches one denies it", () => {
    const segment = fc.constantFrom("v1", "v2", "predict", "generate", "models", "repository");
    const paths = fc.array(
      fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join("/")}`),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(paths, fc.constantFrom(...adminPaths), (apiPaths, admin) => {
        const allowed = apiPaths.filter((path) => !adminPaths.some((one) => isWithin(path, one)));
        const [rule] = routeRules(route("llm", { apiPaths: allowed }), undefined);
        const matching = (rule?.http.paths ?? []).filter((one) => isWithin(admin, one.path));
        const [winner] = matching.sort((a, b) => b.path.length - a.path.length);
        expect(winner?.backend.service.name ?? "deny").toBe("deny");
      }),
    );
  });

  it("tells segments apart: /v1 does not open /v1beta, and /metric is not /metrics", () => {
    expect(isWithin("/v1beta", "/v1")).toBe(false);
    expect(deniedPaths(["/metric"])).toEqual([]);
    expect(deniedPaths(["/v2"])).toContain("/v2/repository");
  });
});

describe("certificate and records from a hosted zone", () => {
  it("are made: proof, certificate for the domain and one label below, a record per service", async () => {
    const recording = await build(secure);
    expect(recording.one("aws:acm/certificate:Certificate").inputs).toMatchObject({
      domainName: "ai.example.com",
      subjectAlternativeNames: ["*.ai.example.com"],
      validationMethod: "DNS",
    });
    const proof = recording.one(recordType, "ingress-certificate-validation");
    expect(proof.inputs).toMatchObject({
      zoneId: "Z0123456789ABC",
      name: "_proof.ai.example.com.",
      records: ["_value.acm-validations.aws."],
    });
    const issued = recording.one("aws:acm/certificateValidation:CertificateValidation");
    expect(issued.dependencies).toContain(proof.urn);
    // The load balancer gets the certificate only when it is issued.
    expect(recording.one(paramsType).dependencies).toContain(issued.urn);
    expect(recording.one(recordType, "ingress-llm-record").inputs).toMatchObject({
      name: "llm.ai.example.com",
      type: "CNAME",
      records: [loadBalancer],
    });
  });
});

describe("destroying", () => {
  it("takes Ingresses before their class, the class before its policy, and all before the controller", async () => {
    const recording = await record(() => {
      const controller = new ConfigMap("controller", {});
      new InferenceIngress("ingress", plain, { dependsOn: [controller] });
    }, answers);
    const controller = recording.one("kubernetes:core/v1:ConfigMap").urn;
    const component = recording.one("inference-platform:index:InferenceIngress");
    const params = recording.one(paramsType);
    const ingressClass = recording.one("kubernetes:networking.k8s.io/v1:IngressClass");
    const ingress = recording.one(ingressType);
    expect(ingress.dependencies).toContain(ingressClass.urn);
    expect(ingressClass.dependencies).toContain(params.urn);
    // The engine counts a resource's parent, and so what the parent depends on, among its dependencies.
    expect([params, ingressClass, ingress].map((one) => one.parent)).toEqual(Array(3).fill(component.urn));
    expect(component.dependencies).toContain(controller);
  });

  it("waits for the load balancer to go, and is refused while it is protected", async () => {
    const protectedOnes = (await build({ ...secure, deletionProtection: true })).resources
      .filter((resource) => resource.options.protect)
      .map((resource) => resource.type);
    expect(protectedOnes).toEqual([paramsType]);
    const recording = await build(plain);
    expect(recording.one(paramsType).options.protect).toBeUndefined();
    expect(recording.one(ingressType).options.customTimeouts).toMatchObject({ pb_delete: "20m" });
  });
});

describe("refused arguments of the ingress", () => {
  it("all at once, each with property, value and remedy", async () => {
    const message = await build({ ...secure, tls: false, inboundCidrs: [] }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toMatch(/ingress: tls \(false\): .*in the clear.*Set tls, or scheme to internal/);
    expect(message).toMatch(/\ninboundCidrs \(\[\]\): .*empty means everybody.*0\.0\.0\.0\/0/);
  });

  it.each<[string, Partial<InferenceIngressArgs>, string, RegExp]>([
    ["TLS without a certificate", { hostedZoneId: undefined }, "tls", /needs a certificate/],
    ["a zone without a domain", { domain: undefined, routes: [route("llm")] }, "hostedZoneId", /domain/],
    [
      "several services and no domain",
      { domain: undefined, certificateArn: arn, hostedZoneId: undefined },
      "routes",
      /exactly one/,
    ],
    ["no service", { routes: [] }, "routes", /at least one/],
    [
      "a service twice",
      { routes: [route("llm"), route("llm", { host: "ai.example.com" })] },
      "routes",
      /service twice/,
    ],
    [
      "a host twice",
      { routes: [route("a", { host: "ai.example.com" }), route("b", { host: "ai.example.com" })] },
      "routes",
      /host twice/,
    ],
    [
      "a host outside the domain",
      { routes: [route("llm", { host: "llm.example.org" })] },
      "routes[0].host",
      /one label below/,
    ],
    [
      "a host that only ends alike",
      { routes: [route("llm", { host: "evilai.example.com" })] },
      "routes[0].host",
      /one label below/,
    ],
    [
      "a host two labels below",
      { routes: [route("llm", { host: "a.b.ai.example.com" })] },
      "routes[0].host",
      /one label below/,
    ],
    ["the root", { routes: [route("llm", { apiPaths: ["/"] })] }, "routes[0].apiPaths[0]", /root/],
    [
      "/metrics",
      { routes: [route("llm", { apiPaths: ["/v1", "/metrics"] })] },
      "routes[0].apiPaths[1]",
      /\/metrics/,
    ],
    [
      "below an admin path",
      { routes: [route("t", { apiPaths: ["/v2/repository/index"] })] },
      "routes[0].apiPaths[0]",
      /\/v2\/repository or below/,
    ],
    ["a wildcard", { routes: [route("llm", { apiPaths: ["/*"] })] }, "routes[0].apiPaths[0]", /wildcards/],
    [
      "a slash at the end",
      { routes: [route("llm", { apiPaths: ["/v1/"] })] },
      "routes[0].apiPaths[0]",
      /slash/,
    ],
    ["no path", { routes: [route("llm", { apiPaths: [] })] }, "routes[0].apiPaths", /at least one/],
    ["a long name", { loadBalancerName: "n".repeat(33) }, "loadBalancerName", /1 to 32/],
    ["a scheme", { scheme: "public" as LoadBalancerScheme }, "scheme", /internal, internet-facing/],
    [
      "too many rules",
      { routes: Array.from({ length: 34 }, (_, i) => route(`s${i}`)) },
      "routes",
      /102 rules.*100/,
    ],
  ])("%s", (_, more, path, message) => {
    expect(ingressProblems({ ...secure, ...more })).toEqual([
      expect.objectContaining({ path, message: expect.stringMatching(message) }),
    ]);
  });
});

describe("another scheme", () => {
  const params = (scheme: string, protection: boolean) => ({
    spec: {
      scheme,
      loadBalancerAttributes: [{ key: "deletion_protection.enabled", value: String(protection) }],
    },
  });

  it("of a protected load balancer is refused, whatever the new one is", () => {
    const [before, after] = [params("internet-facing", true), params("internal", false)];
    expect(() => refuseReplacing(before, after)).toThrow(/deletion protection: set deletionProtection false/);
    expect(() => refuseReplacing(params("internet-facing", false), after)).not.toThrow();
    expect(() => refuseReplacing(before, params("internet-facing", false))).not.toThrow();
  });

  it("makes the Ingress anew, after the one of the same name is gone", async () => {
    const options = async (args: InferenceIngressArgs) => {
      const made = await record(() => new InferenceIngress("main", args), answers);
      return made.ofType(ingressType).map((ingress) => ingress.options);
    };
    for (const found of await options(plain)) {
      expect(found).toMatchObject({ replacementTrigger: "internal", deleteBeforeReplace: true });
    }
    for (const found of await options(secure)) {
      expect(found).toMatchObject({ replacementTrigger: "internet-facing" });
    }
  });
});
