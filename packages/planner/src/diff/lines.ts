/** Products of line counts above which lines are not aligned any more: a second of work. */
const most = 4_000_000;

/** The lines that go, with `- ` in front, and those that come, with `+ `, in their order. */
export function lineChanges(before: string, after: string): string[] {
  const [from, to] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (
    end < from.length - start &&
    end < to.length - start &&
    from[from.length - 1 - end] === to[to.length - 1 - end]
  ) {
    end++;
  }
  const [gone, come] = [from.slice(start, from.length - end), to.slice(start, to.length - end)];
  if (gone.length * come.length > most) {
    return [...gone.map((line) => `- ${line}`), ...come.map((line) => `+ ${line}`)];
  }
  return aligned(gone, come);
}

/** By the longest common subsequence. */
function aligned(from: string[], to: string[]): string[] {
  const width = to.length + 1;
  const common = new Uint32Array((from.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      common[i * width + j] = from[i] === to[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const result: string[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      i++;
      j++;
    } else if (j >= to.length || (i < from.length && at(i + 1, j) >= at(i, j + 1))) {
      result.push(`- ${from[i++]}`);
    } else {
      result.push(`+ ${to[j++]}`);
    }
  }
  return result;
}
