import { expect, test } from "vitest";
import { command } from "../src/command";

test("everything that is wrong with the options is told at once, before a plan is made", async () => {
  const asked = ["prod", "--days", "many", "--share", "200", "--fail-on", "slo:5"];
  await expect(command.run(asked)).rejects.toThrow(
    /--days many: must be a number from 0\.01 to 60\.\n--share 200: must be a number from 1 to 100\.\n--fail-on slo:5: there is slo:\+MINUTESm.*\n--fail-on needs --base/,
  );
});
