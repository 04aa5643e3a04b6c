import { retentionProblems } from "../common/log-retention";
import type { Problem } from "../common/problem";
import { publicSourceProblems, sourceProblems } from "../common/sources";
import { choiceProblems, isAllowed, textProblems } from "../common/text";
import type { ClusterArgs } from "./cluster";
import { credentialsProblems } from "./credentials";
import { clusterDefaults, clusterNameRule, principalRule, privateBlocks, publicBlocks } from "./limits";
import { SupportType } from "./support-type";
import { systemNodes, systemNodesProblems } from "./system-nodes";
import { kubernetesVersions } from "./versions";

/** What is wrong with a cluster's plain arguments, with paths below them. */
export function clusterProblems(args: Omit<ClusterArgs, "subnetIds" | "nodeSubnetIds">): Problem[] {
  return [
    ...textProblems("clusterName", args.clusterName, clusterNameRule),
    ...versionProblems(args.version),
    ...choiceProblems("supportType", args.supportType, SupportType),
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
    ...retentionProblems("logRetentionDays", args.logRetentionDays ?? clusterDefaults.logRetentionDays),
    ...systemNodesProblems("systemNodes", systemNodes(args.systemNodes)),
  ];
}

function versionProblems(version: string | undefined): Problem[] {
  if (version === undefined || Object.hasOwn(kubernetesVersions, version)) return [];
  return [
    {
      path: "version",
      value: version,
      message: `must be one of ${Object.keys(kubernetesVersions).join(", ")}: each needs add-on versions that were tested with it`,
      fix: "Add a row to components/cluster/versions.ts for another one.",
    },
  ];
}

function publicAccessProblems(cidrs: string[]): Problem[] {
  const path = "publicAccessCidrs";
  if (cidrs.length > publicBlocks.most) {
    const message = `must have at most ${publicBlocks.most} blocks, which is what EKS accepts`;
    return [{ path, value: cidrs.length, message }];
  }
  const fix = "Leave it out: inside the VPC and what is connected to it the private endpoint answers.";
  return publicSourceProblems(path, cidrs, fix);
}

function graceProblems(value: number | undefined): Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= 1)) return [];
  return [{ path: "longestGraceSeconds", value, message: "must be a whole number of seconds, 1 or more" }];
}

function privateAccessProblems(cidrs: string[]): Problem[] {
  const path = "privateAccessCidrs";
  if (cidrs.length > privateBlocks.most) {
    const message = `must have at most ${privateBlocks.most} blocks: a security group takes 60 rules in all`;
    return [{ path, value: cidrs.length, message }];
  }
  return sourceProblems(path, cidrs);
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
    if (isAllowed(value, principalRule)) return [];
    if (/^arn:[a-z-]+:sts::\d{12}:assumed-role\//.test(value)) {
      return problem(
        "must be the role, not one of its sessions",
        "Use the ARN that `aws iam get-role` prints: arn:aws:iam::<account>:role/<name>.",
      );
    }
    return problem(principalRule.must);
  });
}
