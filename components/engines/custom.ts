import { folderProblem } from "../common/folder";
import type { Problem } from "../common/problem";
import { cachePath } from "./catalog";
import type { CustomServer, EngineProfile, EngineRequest } from "./profile";
import { Engine } from "./profile";

const pinned = /(@sha256:[0-9a-f]{64}|:(?!latest$|main$|master$|nightly$|stable$)[\w][\w.-]*)$/;

/** What is wrong with the description of a server of one's own. */
export function customProblems(server: CustomServer): Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: string, value: unknown, message: string, fix?: string) =>
    problems.push({ path: `custom.${path}`, value, message, ...(fix ? { fix } : {}) });

  if (!pinned.test(server.image))
    refuse("image", server.image, "must end in an exact tag or a digest", "Write :1.4.2 or @sha256:….");
  for (const [path, port] of [
    ["port", server.port],
    ["metricsPort", server.metricsPort],
  ] as const)
    if (port !== undefined && !(Number.isInteger(port) && port >= 1024 && port <= 65535))
      refuse(path, port, "must be a whole number from 1024 to 65535: lower ports need root");
  for (const [path, value] of [
    ["healthPath", server.healthPath],
    ["metricsPath", server.metricsPath],
  ] as const)
    if (value !== undefined && !value.startsWith("/")) refuse(path, value, "must start with /");
  server.apiPaths.forEach((path, index) => {
    if (!path.startsWith("/")) refuse(`apiPaths[${index}]`, path, "must start with /");
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
  if (server.runAsUser === 0)
    refuse("runAsUser", 0, "must not be root: the namespace admits no pod that runs as root");
  (server.writablePaths ?? []).forEach((path, index) => {
    const message = folderProblem(path);
    if (message) refuse(`writablePaths[${index}]`, path, message);
  });
  if (server.signals && !server.metricsPath)
    refuse(
      "signals",
      Object.keys(server.signals),
      "need metricsPath: the server exports no metrics without it",
    );
  return problems;
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
