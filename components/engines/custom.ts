import { numberProblems, wholeNumberProblems } from "../common/bounds";
import { folderProblem } from "../common/folder";
import { apiPathRule, probePathRule } from "../common/paths";
import { below, type Problem } from "../common/problem";
import { isAllowed, repeatedProblems, textProblems } from "../common/text";
import { cachePath } from "./catalog";
import { imageRule, imageSizeGiB, serverPort, serverUser, variableRule } from "./limits";
import type { CustomServer, EngineProfile, EngineRequest } from "./profile";
import { Engine } from "./profile";

/** Tags that name another image tomorrow. */
const floatingTag = /:(latest|main|master|nightly|stable|dev|edge|canary|head)$/i;

/** What is wrong with the description of a server of one's own. */
export function customProblems(server: CustomServer): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: string, value: unknown, message: string, fix?: string) =>
    problems.push({ path: `custom.${path}`, value, message, ...(fix ? { fix } : {}) });

  problems.push(
    ...below("custom", [
      ...imageProblems(server.image),
      ...wholeNumberProblems("port", server.port, serverPort),
      ...wholeNumberProblems("metricsPort", server.metricsPort, serverPort),
      ...wholeNumberProblems("runAsUser", server.runAsUser, serverUser),
      ...numberProblems("imageGiB", server.imageGiB, imageSizeGiB),
      ...textProblems("healthPath", server.healthPath, probePathRule),
      ...textProblems("metricsPath", server.metricsPath, probePathRule),
      ...textProblems("apiKeyVariable", server.apiKeyVariable, variableRule),
      ...writablePathProblems(server.writablePaths ?? []),
    ]),
  );
  server.apiPaths.forEach((path, index) => {
    if (!isAllowed(path, apiPathRule)) refuse(`apiPaths[${index}]`, path, apiPathRule.must);
    else if (covers(path, server.metricsPath) && (server.metricsPort ?? server.port) === server.port)
      refuse(
        `apiPaths[${index}]`,
        path,
        `must not open the metrics at ${server.metricsPath} to clients`,
        "List the paths that clients call, one by one.",
      );
  });
  if (server.apiPaths.length === 0)
    refuse("apiPaths", [], "must name at least one path that clients may reach");
  if (server.signals && !server.metricsPath)
    refuse(
      "signals",
      Object.keys(server.signals),
      "need metricsPath: the server exports no metrics without it",
    );
  return problems;
}

function imageProblems(image: string): Problem[] {
  const refuse = (message: string, fix?: string): Problem[] => [
    { path: "image", value: image, message, fix },
  ];
  if (/^[a-z]+:\/\//i.test(image)) return refuse(imageRule.must, "Leave out the scheme.");
  if (/^[^@]*[A-Z][^@]*[:/]/.test(image))
    return refuse(imageRule.must, "Registries know no capitals in names.");
  if (!isAllowed(image, imageRule)) return refuse(imageRule.must, "Write :1.4.2 or @sha256:… at the end.");
  if (floatingTag.test(image))
    return refuse(
      "must have an exact tag or digest",
      "Another image would be there tomorrow: write :1.4.2 or @sha256:….",
    );
  return [];
}

/** Where the files of a service are. */
export const filesPath = "/etc/inference";

function writablePathProblems(paths: string[]): Problem[] {
  return [
    ...repeatedProblems("writablePaths", paths),
    ...paths.flatMap((value, index): Problem[] => {
      const message = covers(filesPath, value)
        ? `must not be ${filesPath}, where the service's files are`
        : folderProblem(value);
      return message ? [{ path: `writablePaths[${index}]`, value, message }] : [];
    }),
  ];
}

function covers(prefix: string, path: string | undefined): boolean {
  if (path === undefined) return false;
  const folder = prefix.replace(/\/+$/, "");
  return path === folder || path.startsWith(`${folder}/`);
}

/** The profile of a server of one's own. */
export function customProfile(request: EngineRequest, server: CustomServer): EngineProfile {
  return {
    engine: Engine.Custom,
    version: request.version,
    image: server.image,
    imageGiB: server.imageGiB ?? 1,
    ...(server.command ? { command: server.command } : {}),
    args: [...(server.args ?? []), ...(request.extraArgs ?? [])],
    env: [],
    port: server.port,
    metricsPort: server.metricsPort ?? server.port,
    ...(server.metricsPath ? { metricsPath: server.metricsPath } : {}),
    readinessPath: server.healthPath,
    livenessPath: server.healthPath,
    apiPaths: server.apiPaths,
    writablePaths: server.writablePaths ?? ["/tmp"],
    cachePath,
    runAsUser: server.runAsUser ?? 1000,
    ...(server.apiKeyVariable ? { apiKeyVariable: server.apiKeyVariable } : {}),
    // Nothing is known about it; most servers close idle connections and answer what they have.
    drains: false,
    initSeconds: 15,
    signals: server.signals ?? {},
    deprecatedSeries: {},
  };
}
