const folder = /^(\/[A-Za-z0-9_.-]+)+$/;
const ofTheSystem =
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|proc|run|sbin|sys|usr|var)$|^\/(boot|dev|proc|sys)\//;

/** Why nothing can be mounted at a path of a container; undefined when it can. The chart's schema says the same. */
export function folderProblem(path: string): string | undefined {
  if (!folder.test(path) || path.split("/").some((name) => name === "." || name === ".."))
    return "must be the absolute path of a folder, such as /var/cache/app, without a slash at its end";
  return ofTheSystem.test(path)
    ? "must be a folder of its own: what the image and the system have there would be gone"
    : undefined;
}
