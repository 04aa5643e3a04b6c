import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { dirname, join, resolve } from "node:path";
import { cacheFolder, defineCommand, UserError } from "@inference-platform/kit";
import { helmPath } from "@inference-platform/planner";
import { charts } from "../../../../components/common/charts";
import { build, install, run as runTool } from "./download";
import { goPrograms, releases } from "./releases";

/** Providers that run for real in a rehearsal; AWS is simulated. */
const plugins = ["kubernetes", "random"];

/** The one kind that is not a program. */
const anywhere = "charts";

/** Something to install, once for each version. */
interface Step {
  /** Name for `--only`. */
  name: string;
  version: string;
  install(folder: string): void | Promise<void>;
}

function steps(): Step[] {
  const platform = { arch: arch() === "arm64" ? "arm64" : "amd64" };
  return [
    ...releases(platform).map((release) => ({
      ...release,
      install: (folder: string) => install(release, join(folder, "bin")),
    })),
    ...goPrograms.map((program) => ({
      ...program,
      install: (folder: string) => build(program, join(folder, "bin")),
    })),
    ...plugins.map((plugin) => {
      const { version } = require(`@pulumi/${plugin}/package.json`) as { version: string };
      return {
        name: "plugins",
        version: `${plugin}-${version}`,
        install: (folder: string) =>
          runTool(join(folder, "bin/pulumi"), ["plugin", "install", "resource", plugin, version], {
            PULUMI_HOME: join(folder, "pulumi"),
          }),
      };
    }),
    ...Object.values(charts).map(({ name, version, repository }) => ({
      name: anywhere,
      version: `${name}-${version}`,
      install: (folder: string) => {
        const destination = join(dirname(folder), "charts");
        mkdirSync(destination, { recursive: true });
        const from = ["--repo", repository, "--version", version];
        runTool(helmPath(), ["pull", name, ...from, "--destination", destination]);
      },
    })),
  ];
}

/** What can be asked for with `--only`. */
const names = ["pulumi", "etcd", "kubernetes", "kwok", "plugins", anywhere] as const;

/** The command `tools`. */
export const command = defineCommand({
  name: "tools",
  stack: false,
  summary:
    "Installs what `npm run rehearse` and the workflows need, for Linux, from the projects' own releases: each download " +
    "is compared with the SHA-256 that its project publishes; kwok, which publishes none, is built with Go. The archives " +
    "of the published charts come from their repositories: with them `plan` and `diff` show what those charts make.",
  options: {
    only: {
      type: "string",
      value: "NAME",
      choices: names,
      multiple: true,
      help: "What to install; may be repeated. Default: all.",
    },
    to: {
      type: "string",
      value: "DIR",
      help:
        "Programs go to DIR/bin, Pulumi's plugins to DIR/pulumi, charts to DIR/../charts. Default: " +
        "~/.cache/inference-platform/tools, where plan, diff and rehearse look.",
    },
  },
  notes: "In a GitHub workflow the folder is also put on the PATH of the steps that follow.",
  exitCodes: { 0: "all is installed", 1: "something could not be", 2: "wrong usage" },
  run: async ({ values: { only, to } }) => {
    const wanted = steps().filter(({ name }) => only.length === 0 || only.some((asked) => asked === name));
    if (process.platform !== "linux" && wanted.some(({ name }) => name !== anywhere)) {
      throw new UserError(
        "Kubernetes publishes its control plane for Linux only: use --kubeconfig with kind. " +
          `The charts are for every machine: npm run tools -- --only ${anywhere}`,
      );
    }
    const folder = resolve(to ?? join(cacheFolder(process.env), "tools"));
    const bin = join(folder, "bin");
    for (const step of wanted) {
      const stamp = join(folder, ".installed", `${step.name}-${step.version}`);
      if (existsSync(stamp)) continue;
      process.stdout.write(`${step.name} ${step.version} ...\n`);
      await step.install(folder);
      mkdirSync(join(folder, ".installed"), { recursive: true });
      writeFileSync(stamp, "");
    }
    process.stdout.write(`installed in ${bin}\n`);
    if (process.env.GITHUB_PATH) appendFileSync(process.env.GITHUB_PATH, `${bin}\n`);
    return 0;
  },
});
