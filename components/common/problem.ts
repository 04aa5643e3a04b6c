import { shownLine, shownValue } from "./show";

/** One thing wrong with what a user asked for. Checks return all of them; who reports them adds where they stand. */
export interface Problem {
  /** Path of the property below what was checked: `services[0].signals[1].target`. Empty for the whole. */
  path: string;
  /** The refused value. */
  value: unknown;
  /** What is wrong and what is allowed, with the figures: `must be …`. */
  message: string;
  /** What to do about it; absent when the message says it. */
  fix?: string;
}

/**
 * A problem as one line: key, value, what is allowed, how to fix it. Secrets are hidden.
 *
 * @example
 * ```ts
 * describeProblem({ path: "gpus", value: 3, message: "must be at most 2" }); // → "gpus (3): must be at most 2."
 * ```
 */
export function describeProblem(problem: Problem): string {
  const { path, message } = problem;
  const value = problem.value === undefined ? "" : ` (${shownValue(path, problem.value)})`;
  const fix = problem.fix ? ` ${problem.fix}` : "";
  return shownLine(`${path}${value}: ${message}.${fix}`);
}

/** The problems of a part, with the path of the part in front of theirs. */
export function below(parent: string, problems: Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: `${parent}.${problem.path}` }));
}

/**
 * The problems in the words of somebody else's arguments: a path that is a key of `names`, or lies below one, begins with
 * the key's value instead.
 */
export function renamed(names: Record<string, string>, problems: Problem[]): Problem[] {
  return problems.map((problem) => {
    const name = Object.keys(names).find((key) => isWithin(problem.path, key));
    return name ? { ...problem, path: `${names[name]}${problem.path.slice(name.length)}` } : problem;
  });
}

function isWithin(path: string, key: string): boolean {
  return path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
}
