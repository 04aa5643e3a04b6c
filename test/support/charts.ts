import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type ChartPin, chartSource } from "../../components/common/charts";

/** Folder with the archives of third-party charts: the variable's, or the one beside the repository when it is there. */
const folder = process.env.INFERENCE_PLATFORM_CHARTS ?? resolve(__dirname, "../../../shared/charts");

/** Path of a chart's archive on this machine; undefined when there is none. */
export function chartArchive(pin: ChartPin): string | undefined {
  const { chart } = chartSource(pin, folder);
  return existsSync(chart) ? chart : undefined;
}

/** Why tests of a third-party chart do not run, for the name of their group. */
export function withoutChart(pin: ChartPin): string {
  return `(skipped: no ${pin.name}-${pin.version}.tgz in ${folder}; set INFERENCE_PLATFORM_CHARTS)`;
}
