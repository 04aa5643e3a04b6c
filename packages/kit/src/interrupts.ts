/** Exit codes of a process that a signal ended, as shells give them. */
const signalCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof signalCodes;
const signals = Object.keys(signalCodes) as Signal[];

/**
 * Cleans up before Ctrl-C, a request to end or a closed terminal ends the process.
 *
 * @param clean Ends what was started; the process ends after it, whatever becomes of it.
 * @returns what takes the handlers away again.
 */
export function onInterrupt(clean: (signal: Signal) => void | Promise<void>): () => void {
  const handler = (signal: NodeJS.Signals) => {
    Promise.resolve()
      .then(() => clean(signal as Signal))
      .catch((error) => process.stderr.write(`${error instanceof Error ? error.message : error}\n`))
      .finally(() => process.exit(signalCodes[signal as Signal]));
  };
  for (const signal of signals) process.once(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}
