import type { Command } from "@inference-platform/kit";
import { command as program } from "./command";

/** `bench` measures the program, `bench scaling` the policies of scaling. */
export const command: Command = {
  definition: program.definition,
  async run(args) {
    const [what, ...rest] = args;
    if (what !== "scaling") return program.run(args);
    const { scalingCommand } = await import("@inference-platform/what-if");
    return scalingCommand.run(rest);
  },
};
