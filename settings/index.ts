export { adviceFor } from "./advice";
export {
  derive,
  inferenceNamespace,
  monitoringNamespace,
  type StackContracts,
  type StackService,
} from "./derive";
export { exampleValues } from "./examples";
export { loadSettings, type StackSettings } from "./load";
export { type ParsedSettings, parseSettings, type StackPlace } from "./parse";
export { Environment, type ServiceSettings, type Settings } from "./schema";
