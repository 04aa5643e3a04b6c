import { isAllowed, type TextRule } from "./text";

/** A folder of a container. */
export const folderRule: TextRule = {
  pattern: /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.-]+)+$/,
  must: "must be the absolute path of a folder, such as /var/cache/app, without a slash at its end",
  longest: 1024,
};

const ofTheSystem =
  /^\/(bin|boot|dev|etc|lib|lib32|lib64|proc|run|sbin|sys|usr|var)$|^\/(boot|dev|proc|sys)\//;

/** Why nothing can be mounted at a path of a container; undefined when it can. The chart's schema says the same. */
export function folderProblem(path: string): string | undefined {
  if (!isAllowed(path, folderRule)) return folderRule.must;
  return ofTheSystem.test(path)
    ? "must be a folder of its own: what the image and the system have there would be gone"
    : undefined;
}
