import { describeProblem } from "../../../../../components/common/problem";
import { adviceFor, parseSettings } from "../../../../../settings";
import { type Check, CheckStatus } from "../types";
import { type Facts, groupsOf, listed } from "./facts";

/** Settings that work and are hardly meant so. Other programs than ours have other settings. */
export function settingsAdvice({ config, region }: Facts): Check {
  const id = "settings-advice";
  const { settings } = parseSettings(groupsOf(config), { region });
  if (!settings) return { id, status: CheckStatus.Pass, detail: "not for the settings of this program" };
  const advice = adviceFor(settings).map(describeProblem);
  if (advice.length === 0) return { id, status: CheckStatus.Pass, detail: "nothing that looks unintended" };
  return { id, status: CheckStatus.Warn, detail: listed(advice.map((line) => line.replace(/\.$/, ""))) };
}
