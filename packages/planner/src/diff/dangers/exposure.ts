import { cidrContains, parseCidr, privateRanges } from "../../../../../components/common/cidr";
import { Token } from "../../aws/tokens";
import { isInternetFacing } from "../../plan/cost/load-balancers";
import { objectsOf } from "../../plan/objects";
import type { Plan } from "../../plan/types";
import { valueAt } from "../forcing";
import { kubernetesKind } from "../kubernetes";
import { code } from "../markup";
import { leavesOf } from "../resources";
import { type Danger, DangerKind } from "../types";
import { type Facts, some, subjectOf, subjectOfResource } from "./facts";

const world = ["0.0.0.0/0", "::/0"];

/** What can be reached from the internet, and could not before. */
export function newlyPublic({ base, head }: Facts): Danger[] {
  const before = new Map(base ? publicThings(base) : []);
  return publicThings(head)
    .filter(([subject]) => !before.has(subject))
    .map(([subject, text]) => ({ kind: DangerKind.Public, subject, text }));
}

/** Names what a plan makes public, with how. */
function publicThings(plan: Plan): [string, string][] {
  const objects = objectsOf(plan.resources, plan.releases);
  const inCluster = objects.flatMap((object): [string, string][] => {
    const { manifest } = object;
    const name = `${manifest.kind} ${manifest.metadata.namespace ?? "default"}/${manifest.metadata.name}`;
    if (manifest.kind === "Ingress" && isInternetFacing(object, objects)) {
      return [[name, "its load balancer is **reachable from the internet**"]];
    }
    if (manifest.kind === "Service" && valueAt(manifest, "spec.type") === "LoadBalancer") {
      const annotations = JSON.stringify(manifest.metadata.annotations ?? {});
      return annotations.includes("internal")
        ? []
        : [[name, "a load balancer of its own, **reachable from the internet**"]];
    }
    return [];
  });
  const inAws = plan.resources.flatMap(({ type, name, inputs }): [string, string][] => {
    if (type === Token.Cluster && valueAt(inputs, "vpcConfig.endpointPublicAccess") !== false) {
      const cidrs = admitted(inputs);
      const open = cidrs.some((cidr) => world.includes(cidr));
      const who = open ? "everybody" : some(cidrs.map(code));
      return [[`Cluster ${name}`, `its API can be reached by **${who}**; IAM authentication still applies`]];
    }
    if (
      type === Token.SecurityGroupIngressRule ||
      type === Token.SecurityGroup ||
      type === Token.DefaultSecurityGroup
    ) {
      const rules = type === Token.SecurityGroupIngressRule ? inputs : inputs.ingress;
      const open = leavesOf(rules).some(({ value }) => world.includes(String(value)));
      return open ? [[`${type.split(":").at(-1)} ${name}`, "admits **the whole internet**"]] : [];
    }
    if (type === Token.Subnet && inputs.mapPublicIpOnLaunch === true) {
      return [[`Subnet ${name}`, "instances in it get **public addresses**"]];
    }
    return [];
  });
  return [...inAws, ...inCluster];
}

function admitted(inputs: unknown): string[] {
  const cidrs = valueAt(inputs, "vpcConfig.publicAccessCidrs");
  return Array.isArray(cidrs) && cidrs.length > 0 ? cidrs.map(String) : ["0.0.0.0/0"];
}

/** Lists of who may come in, by the last property of their path. */
const admitting =
  /(publicAccessCidrs|inboundCIDRs|loadBalancerSourceRanges|cidrIpv4|inbound-cidrs|ipBlock\.cidr)/;

/** Address ranges that are let in, and were not before. */
export function widened({ changes, objects }: Facts): Danger[] {
  const found = [
    ...changes
      .filter(({ before, after, diff }) => before && after && kubernetesKind(diff.type) === undefined)
      .map((change) => ({
        subject: subjectOfResource(change),
        before: change.before?.inputs,
        after: change.after?.inputs,
      })),
    ...objects
      .filter(({ before, after, ownerStays }) => before && after && ownerStays)
      .map((pair) => ({
        subject: subjectOf(pair),
        before: pair.before,
        after: pair.after,
      })),
  ];
  return found.flatMap(({ subject, before, after }): Danger[] => {
    const old = rangesOf(before);
    const added = rangesOf(after).filter((range) => !old.some((known) => contains(known, range)));
    // Where there was no list there was no limit, or nothing was open: other findings tell.
    if (old.length === 0 || added.length === 0) return [];
    const kind = added.some((range) => world.includes(range)) ? DangerKind.Public : DangerKind.Security;
    const text =
      kind === DangerKind.Public
        ? "admits **the whole internet**"
        : `admits **${some(added.map(code))}** as well`;
    return [{ kind, subject, text: `${text}; until now ${some(old.map(code))}` }];
  });
}

function rangesOf(value: unknown): string[] {
  return leavesOf(value)
    .filter(({ path }) => admitting.test(path.map(({ key }) => key).join(".")))
    .flatMap(({ value: text }) => String(text).split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "" && !isPrivate(text));
}

/** Private ranges are this network's own: they follow its addresses. */
function isPrivate(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && privateRanges.some((range) => cidrContains(range, cidr));
}

function contains(outer: string, inner: string): boolean {
  const [known, added] = [parseCidr(outer), parseCidr(inner)];
  return outer === inner || (known !== undefined && added !== undefined && cidrContains(known, added));
}
