/** Where a replica finds the model's weights. */
export const ModelCacheMode = {
  /** On the node's own disk (an emptyDir): every new pod fetches the weights, a restarted container does not. */
  Node: "node",
  /** On an existing PersistentVolumeClaim: fetched once, read by every replica. */
  Claim: "claim",
  /** Nowhere: the weights are part of the image, or the engine streams them. */
  None: "none",
} as const;
export type ModelCacheMode = (typeof ModelCacheMode)[keyof typeof ModelCacheMode];

/** How the weights are kept between starts of a replica. */
export interface ModelCacheArgs {
  mode: ModelCacheMode;
  /**
   * Name of the PersistentVolumeClaim, for mode `claim`, in the service's namespace. With more than one replica it
   * must be ReadWriteMany (EFS, FSx). Refused with other modes.
   */
  claimName?: string;
  /**
   * Download in an init container instead of inside the engine: a failed download then shows as such, and the
   * start-up probe does not have to wait for it. For engines whose image has Python and huggingface_hub, with a
   * Hugging Face id as model. Refused with mode `none`.
   *
   * @default false
   */
  preload?: boolean;
  /** Highest size of the cache on the node, GiB; a pod above it is evicted. @default twice the weights plus 5 */
  sizeGiB?: number;
}

/** The model as far as time and space depend on it. */
export interface ServedModel {
  /** Size of the weights, GiB. */
  weightsGiB: number;
  cache: ModelCacheArgs;
}
