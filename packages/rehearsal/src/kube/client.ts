import * as kube from "../../../../components/kube/client";

export { type Access, KubeError, path } from "../../../../components/kube/client";
export { conditionOf } from "../../../../components/kube/objects";

/** A Kubernetes object of any kind. */
export interface KubeObject extends kube.KubeObject {
  // biome-ignore lint/suspicious/noExplicitAny: the API's objects have as many shapes as it has kinds
  [field: string]: any;
}

/** A client that answers with objects of any kind. */
export class KubeClient extends kube.KubeClient<KubeObject> {}
