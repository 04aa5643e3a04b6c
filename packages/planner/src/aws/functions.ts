import type { Properties } from "../program/monitor";
import type { AccountView } from "./definition";
import { hex, iamId } from "./ids";
import { nodeGroups } from "./services/eks-state";
import { AwsError, type NodeGroupState } from "./types";

type Fn = (args: Properties, account: AccountView) => Properties;

const dnsSuffix = (partition: string) => (partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");

/** The tags that EKS puts on the auto scaling group of a node group. */
const groupTags = (group: NodeGroupState) => [
  { key: "eks:cluster-name", value: group.clusterName },
  { key: "eks:nodegroup-name", value: group.name },
];

/** The provider functions that the account answers. */
const functions: Record<string, Fn> = {
  "aws:index/getCallerIdentity:getCallerIdentity": (_args, account) => ({
    id: account.accountId,
    accountId: account.accountId,
    arn: account.callerArn,
    userId: `${iamId("AROA", account.callerArn)}:session`,
  }),
  "aws:index/getPartition:getPartition": (_args, { partition }) => ({
    id: partition,
    partition,
    dnsSuffix: dnsSuffix(partition),
    reverseDnsPrefix: dnsSuffix(partition).split(".").reverse().join("."),
  }),
  "aws:index/getRegion:getRegion": (args, { region }) => {
    const asked = String(args.region ?? args.name ?? args.id ?? region);
    if (asked !== region)
      throw new AwsError("InvalidRegion", `the simulated account is in ${region}, not ${asked}`);
    return { id: region, name: region, region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
  },
  "aws:index/getAvailabilityZones:getAvailabilityZones": (args, account) => {
    const excludedIds = (args.excludeZoneIds ?? []) as string[];
    const excludedNames = (args.excludeNames ?? []) as string[];
    // Every zone of the account is an ordinary one that is up: filters for those let them all through.
    const zones = account.zones.filter(
      (zone) => !excludedIds.includes(zone.id) && !excludedNames.includes(zone.name),
    );
    return {
      ...args,
      id: account.region,
      region: account.region,
      names: zones.map((zone) => zone.name),
      zoneIds: zones.map((zone) => zone.id),
      groupNames: [account.region],
    };
  },
  "aws:index/getAvailabilityZone:getAvailabilityZone": (args, account) => {
    const zone = account.zones.find(
      (candidate) => candidate.name === args.name || candidate.id === args.zoneId,
    );
    if (!zone) {
      throw new AwsError("InvalidParameterValue", `Invalid availability zone: [${args.name ?? args.zoneId}]`);
    }
    return {
      id: zone.name,
      name: zone.name,
      nameSuffix: zone.name.slice(account.region.length),
      zoneId: zone.id,
      region: account.region,
      groupName: account.region,
      groupLongName: account.region,
      networkBorderGroup: account.region,
      optInStatus: "opt-in-not-required",
      state: "available",
      zoneType: "availability-zone",
      parentZoneId: "",
      parentZoneName: "",
    };
  },
  "aws:iam/getSessionContext:getSessionContext": (args, account) => {
    const arn = String(args.arn);
    const session = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(arn);
    const name = session?.[3] ?? "";
    return {
      id: arn,
      arn,
      issuerArn: session ? `arn:${session[1]}:iam::${session[2]}:role/${name}` : arn,
      issuerId: session ? iamId("AROA", name) : "",
      issuerName: name,
      sessionName: session?.[4] ?? "",
      partition: account.partition,
    };
  },
  "aws:autoscaling/getAmiIds:getAmiIds": (args, account) => {
    const filters = (args.filters ?? []) as { name: string; values: string[] }[];
    const names = nodeGroups(account)
      .filter((group) =>
        filters.every(({ name, values }) => {
          const tag = groupTags(group).find(({ key }) => `tag:${key}` === name);
          return tag !== undefined && values.includes(tag.value);
        }),
      )
      .map((group) => group.autoScalingGroup);
    const arns = names.map((name) =>
      account.arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${name}`),
    );
    return { ...args, id: account.region, region: account.region, names, arns };
  },
  "aws:autoscaling/getGroup:getGroup": (args, account) => {
    const group = nodeGroups(account).find(({ autoScalingGroup }) => autoScalingGroup === args.name);
    if (!group) throw new AwsError("ValidationError", `AutoScalingGroup name not found - ${args.name}`);
    return {
      id: args.name,
      name: args.name,
      region: account.region,
      minSize: group.min,
      maxSize: group.max,
      desiredCapacity: group.desired,
      tags: groupTags(group).map((tag) => ({ ...tag, propagateAtLaunch: true })),
    };
  },
  // The program cannot make a public zone on its own, so one stands for every name that is asked for.
  "aws:route53/getZone:getZone": (args) => {
    const name = String(args.name ?? "example.com").replace(/\.$/, "");
    const zoneId = String(args.zoneId ?? `Z${hex(19, "zone", name).toUpperCase()}`);
    return {
      ...args,
      id: zoneId,
      zoneId,
      name,
      arn: `arn:aws:route53:::hostedzone/${zoneId}`,
      privateZone: false,
      nameServers: [1, 2, 3, 4].map((i) => `ns-${i}.awsdns-0${i}.example`),
      tags: {},
    };
  },
};

/**
 * The answer of a provider function.
 * @throws AwsError for a function that the account does not know.
 */
export function invoke(token: string, args: Properties, account: AccountView): Properties {
  const fn = functions[token];
  if (!fn) {
    throw new AwsError(
      "UnknownFunction",
      `the simulated AWS account does not know ${token}; add it to packages/planner/src/aws/functions.ts`,
    );
  }
  return fn(args, account);
}
