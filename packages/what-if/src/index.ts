export { HpaController } from "./hpa/controller";
export { coefficientsOf } from "./replica/calibrated";
export { type EngineCoefficients, gpus, models } from "./replica/coefficients";
export { Replica, type Request, type Served } from "./replica/replica";
