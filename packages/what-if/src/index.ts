export { command as scalingCommand } from "./bench/command";
export { HpaController } from "./hpa/controller";
export type { HpaSpec } from "./hpa/spec";
export { coefficientsOf } from "./replica/calibrated";
export { compare, comparisonLines, sloHits } from "./report/compare";
export { type WhatIf, type WhatIfOptions, whatIf } from "./report/report";
export { type ServiceScaling, servicesOf } from "./stack";
export { loadTraffic } from "./traffic/load";
