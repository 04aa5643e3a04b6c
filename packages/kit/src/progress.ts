/** Progress is told only for what takes longer than this, milliseconds. */
const patience = 2000;

/** Tells the steps on stderr, from the one that is under way when patience ends. */
export function delayedProgress() {
  let current = "";
  let telling = false;
  const tell = () => {
    if (telling && current) process.stderr.write(`${current} ...\n`);
  };
  const timer = setTimeout(() => {
    telling = true;
    tell();
  }, patience);
  return {
    step: (step: string) => {
      current = step;
      tell();
    },
    end: () => clearTimeout(timer),
  };
}
