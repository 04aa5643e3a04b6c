import { cidrContains, parseCidr, privateRanges } from "../common/cidr";
import { retentionProblems } from "../common/log-retention";
import type { Problem } from "../common/problem";
import type { ClusterArgs } from "./cluster";
import { credentialsProblems } from "./credentials";
import { SupportType } from "./support-type";
import { systemNodes, systemNodesProblems } from "./system-nodes";
import { kubernetesVersions } from "./versions";

/** EKS accepts this many blocks for its public endpoint. */
const maxPublicBlocks = 40;

/** A security group takes 60 rules; EKS and the load balancer controller add theirs. Source: Amazon VPC quotas. */
const maxPrivateBlocks = 50;

/** What is wrong with a cluster's plain arguments, with paths below them. */
export function clusterProblems(args: Omit<ClusterArgs, "subnetIds" | "nodeSubnetIds">): Problem[] {
  const problems: Problem[] = [];
  if (!/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/.test(args.clusterName)) {
    const message =
      "must be 1 to 100 letters, digits, hyphens and underscores, and start with a letter or digit";
    problems.push({ path: "clusterName", value: args.clusterName, message });
  }
  const versions = Object.keys(kubernetesVersions);
  if (args.version !== undefined && !versions.includes(args.version)) {
    problems.push({
      path: "version",
      value: args.version,
      message: `must be one of ${versions.join(", ")}: each needs add-on versions that were tested with it`,
      fix: "Add a row to components/cluster/versions.ts for another one.",
    });
  }
  const supportTypes: string[] = Object.values(SupportType);
  if (args.supportType !== undefined && !supportTypes.includes(args.supportType)) {
    const message = `must be one of ${supportTypes.join(", ")}`;
    problems.push({ path: "supportType", value: args.supportType, message });
  }
  return [
    ...problems,
    ...publicAccessProblems(args.publicAccessCidrs ?? []),
    ...privateAccessProblems(args.privateAccessCidrs ?? []),
    ...principalProblems("administrators", args.administrators ?? []),
    ...principalProblems("viewers", args.viewers ?? [], { administrator: args.administrators }),
    ...principalProblems("auditors", args.auditors ?? [], {
      administrator: args.administrators,
      viewer: args.viewers,
    }),
    ...credentialsProblems(args.credentials ?? {}).map((problem) => ({
      ...problem,
      path: `credentials.${problem.path}`,
    })),
    ...graceProblems(args.longestGraceSeconds),
    ...retentionProblems("logRetentionDays", args.logRetentionDays ?? 90),
    ...systemNodesProblems("systemNodes", systemNodes(args.systemNodes)),
  ];
}

function publicAccessProblems(cidrs: string[]): Problem[] {
  const problems: Problem[] = [];
  if (cidrs.length > maxPublicBlocks) {
    const message = `must have at most ${maxPublicBlocks} blocks, which is what EKS accepts`;
    problems.push({ path: "publicAccessCidrs", value: cidrs.length, message });
  }
  cidrs.forEach((text, index) => {
    const path = `publicAccessCidrs[${index}]`;
    const cidr = parseCidr(text);
    if (!cidr) {
      const message = "must be an IPv4 block that starts at its first address, such as 198.51.100.7/32";
      problems.push({ path, value: text, message });
    } else if (privateRanges.some((range) => cidrContains(range, cidr))) {
      const message = "must be public addresses: the public endpoint never sees private ones";
      const fix = "Leave it out: inside the VPC and what is connected to it the private endpoint answers.";
      problems.push({ path, value: text, message, fix });
    }
  });
  return problems;
}

function graceProblems(value: number | undefined): Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return [];
  return [{ path: "longestGraceSeconds", value, message: "must be a whole number of seconds, 1 or more" }];
}

function privateAccessProblems(cidrs: string[]): Problem[] {
  const path = "privateAccessCidrs";
  if (cidrs.length > maxPrivateBlocks) {
    const message = `must have at most ${maxPrivateBlocks} blocks: a security group takes 60 rules in all`;
    return [{ path, value: cidrs.length, message }];
  }
  return cidrs.flatMap((value, index) => {
    const problem = (message: string) => [{ path: `${path}[${index}]`, value, message }];
    if (!parseCidr(value))
      return problem("must be an IPv4 block that starts at its first address, such as 10.20.0.0/16");
    if (cidrs.indexOf(value) !== index) return problem("must not be listed twice");
    return [];
  });
}

/** @param others what else a principal cannot be, by its name */
function principalProblems(
  path: string,
  arns: string[],
  others: Record<string, string[] | undefined> = {},
): Problem[] {
  return arns.flatMap((value, index) => {
    const problem = (message: string, fix?: string) => [{ path: `${path}[${index}]`, value, message, fix }];
    if (arns.indexOf(value) !== index) return problem("must not be listed twice");
    const also = Object.keys(others).find((name) => others[name]?.includes(value));
    if (also) return problem(`must not be ${also === "administrator" ? "an" : "a"} ${also} too`);
    if (/^arn:[a-z-]+:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(value)) return [];
    if (/^arn:[a-z-]+:sts::\d{12}:assumed-role\//.test(value)) {
      return problem(
        "must be the role, not one of its sessions",
        "Use the ARN that `aws iam get-role` prints: arn:aws:iam::<account>:role/<name>.",
      );
    }
    return problem("must be the ARN of an IAM role or user: arn:aws:iam::<account>:role/<name>");
  });
}
