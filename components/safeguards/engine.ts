import * as pulumi from "@pulumi/pulumi";

/** False under the SDK's mocks, which have no engine and fail at hooks. */
export const hasEngine = () => pulumi.runtime.getEngine() !== undefined;
