// One evaluation, measured from inside; run by measure.ts.
import { runStack } from "@inference-platform/planner";
import type { Sample, Subject } from "./measure";

async function main(text: string): Promise<void> {
  const { directory, stack, stackFile } = JSON.parse(text) as Subject;
  const { monitor } = await runStack({ directory, stack, stackFile });
  const { user, system } = process.cpuUsage();
  const sample: Sample = {
    milliseconds: (user + system) / 1000,
    memoryMiB: process.resourceUsage().maxRSS / 1024,
    resources: monitor.recorded.length,
  };
  process.stdout.write(JSON.stringify(sample));
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
