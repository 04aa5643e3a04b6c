import { textTable } from "@inference-platform/kit";
import type { CheckResult } from "../checks/check";
import { pace, paced } from "./pace";

/** One part of the time from a threshold crossed to a new replica that takes requests. */
export interface ReactionPart {
  part: string;
  /** Seconds as measured here. */
  measured: number;
  /** Seconds at the stack's own pace: waits multiplied back, work as measured. */
  atStackPace: number;
}

/** One of the two services of the published dual-signal case. */
export interface DualRow {
  signals: string;
  /** Requests per second that it got when its autoscaler first asked for more; undefined when it never did. */
  triggeredAt?: number;
  /** Seconds from that decision to a new replica that takes requests, at the stack's own pace. */
  readyAfter?: number;
  /** Most replicas. */
  replicas: number;
  /** 95th percentile at the client, milliseconds: at 50 requests/s, while they rise, at 120 requests/s. */
  p95: { before: number; rising: number; after: number };
  /** Requests without a complete answer, by what went wrong. */
  failures: Record<string, number>;
  /** Mean number of replicas over the case. */
  meanReplicas: number;
  /** Share of the pod-hours of a fixed 8 replicas that it saves, percent. */
  saved: number;
}

/** What replicas a service had at a steady load, and what the formula says. */
export interface FormulaRow {
  service: string;
  /** Mean requests in flight over all replicas. */
  inFlight: number;
  target: number;
  formula: number;
  replicas: number;
}

/** A time in which an autoscaler was blind, and what it did. */
export interface HoldRow {
  fault: string;
  service: string;
  /** How long it lasted here; the scale-down window here. Seconds. */
  seconds: number;
  windowSeconds: number;
  replicas: number;
  /** What the numbers would have asked for, had absent meant zero. */
  withoutHold: number;
  held: boolean;
  /** Why the autoscaler says it did nothing. */
  reason?: string;
}

/** What `--scaling` found. */
export interface ScalingReport {
  stack: string;
  ok: boolean;
  seconds: number;
  kubernetes: string;
  /** By what all times of the loop were divided. */
  pace: number;
  /** How late this process ran, milliseconds: what the machine adds to every latency. */
  lateness: { p95: number; max: number };
  checks: CheckResult[];
  formula: FormulaRow[];
  reaction: ReactionPart[];
  holds: HoldRow[];
  dual: DualRow[];
  standIns: { name: string; playing: string }[];
}

/** What is not what a user would meet. */
export const scalingStandIns = [
  {
    name: "time",
    playing: `scrapes, syncs, windows, periods, start-up and drain are divided by ${pace}; requests take their time`,
  },
  {
    name: "objects",
    playing: "the stack's program and charts give them; they are created through the API server",
  },
  {
    name: "services",
    playing: "a second and a third copy of the stack's service, and a small server twice, join it",
  },
  {
    name: "kubelets",
    playing: "two nodes with room for all; pods get a process after the start-up time of the budget",
  },
  {
    name: "vLLM",
    playing: "llm-d-inference-sim: 1.5 x the target at once, 1.1 s each; it listens on all interfaces",
  },
  {
    name: "small server",
    playing: "20 slots of 0.2 s; its CPU time, 5 ms per request, is a figure and not burnt",
  },
  {
    name: "CPU",
    playing: "reaches the autoscaler through resource rules of the adapter, which only the rehearsal has",
  },
  { name: "Service", playing: "a round robin over the ready endpoints of the EndpointSlices" },
  {
    name: "discovery",
    playing: "Prometheus reads the pods from files, with the labels of the ServiceMonitor",
  },
];

/** The report for people. */
export function renderScaling(report: ScalingReport): string {
  const { stack, kubernetes, ok, seconds, checks, formula, reaction, holds, dual, standIns } = report;
  const lines = [
    `Scaling of ${stack} on Kubernetes ${kubernetes}: ${ok ? "passed" : "FAILED"} in ${seconds.toFixed(0)} s`,
    `(times divided by ${report.pace}; this machine was late by ${report.lateness.p95} ms at the 95th percentile, ${report.lateness.max} ms at most)`,
    "",
    "Checks",
    ...checks.map(({ id, pass, evidence }) => `  ${pass ? "pass" : "FAIL"}  ${id.padEnd(26)} ${evidence}`),
    "",
    "Replicas at a steady load",
    ...table(
      ["service", "in flight", "target", "formula", "replicas"],
      formula.map((row) => [row.service, row.inFlight.toFixed(1), row.target, row.formula, row.replicas]),
    ),
    "",
    "From the threshold crossed to a replica that takes requests, seconds",
    ...table(
      ["part", "measured", "at the stack's pace"],
      [...reaction, total(reaction)].map((row) => [
        row.part,
        row.measured.toFixed(2),
        row.atStackPace.toFixed(1),
      ]),
    ),
    "",
    "While an autoscaler is blind",
    ...table(
      ["fault", "service", "lasted", "window", "replicas", "as zero", "held", "it says"],
      holds.map((row) => [
        row.fault,
        row.service,
        `${row.seconds.toFixed(0)} s`,
        `${row.windowSeconds} s`,
        row.replicas,
        row.withoutHold,
        row.held ? "yes" : "NO",
        row.reason ?? "",
      ]),
    ),
    "",
    "A server that is full at 100 requests/s with its CPU at 50 %: 50 -> 120 requests/s",
    ...table(
      ["signals", "triggers at", "ready after", "replicas", "p95 before", "rising", "after", "mean", "saved"],
      dual.map((row) => [
        row.signals,
        row.triggeredAt === undefined ? "never" : `${row.triggeredAt.toFixed(0)}/s`,
        row.readyAfter === undefined ? "-" : `${row.readyAfter.toFixed(0)} s`,
        row.replicas,
        `${row.p95.before} ms`,
        `${row.p95.rising} ms`,
        `${row.p95.after} ms`,
        row.meanReplicas.toFixed(2),
        `${row.saved.toFixed(0)} %`,
      ]),
    ),
    "",
    "Stood in for",
    ...standIns.map(({ name, playing }) => `  ${name.padEnd(14)} ${playing}`),
  ];
  return `${lines.join("\n")}\n`;
}

function total(parts: ReactionPart[]): ReactionPart {
  const sum = (key: "measured" | "atStackPace") => parts.reduce((result, part) => result + part[key], 0);
  return { part: "total", measured: sum("measured"), atStackPace: sum("atStackPace") };
}

function table(head: string[], rows: (string | number)[][]): string[] {
  return textTable([head, ...rows.map((row) => row.map(String))]).map((line) => `  ${line}`);
}

/** Whole seconds of the rehearsal for a time of the stack. */
export const wholePaced = (seconds: number) => Math.round(paced(seconds));
