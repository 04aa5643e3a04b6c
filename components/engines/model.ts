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
  /** Where the weights are kept. */
  mode: ModelCacheMode;
  /**
   * Name of the PersistentVolumeClaim, for mode `claim`, in the service's namespace. With more than one replica it
   * must be ReadWriteMany (EFS, FSx). Refused with other modes. @default none; required for mode `claim`
   */
  claimName?: string;
  /**
   * Download in an init container instead of inside the engine: a failed download then shows as such, and does not
   * use up the start-up probe. Only where it is possible, otherwise without effect: with vLLM, SGLang and TGI, whose
   * images have Python and huggingface_hub, with a Hugging Face id as model, and with a cache to fill.
   *
   * @default true
   */
  preload?: boolean;
  /** Highest size of the cache on the node, GiB; a pod above it is evicted. @default twice the weights plus 10 */
  sizeGiB?: number;
}

/** The model as far as time and space depend on it. */
export interface ServedModel {
  /** Hugging Face id (`owner/name`), or a path or address that the engine understands. */
  id: string;
  /** Git revision of a Hugging Face model. @default the repository's default branch */
  revision?: string;
  /** Size of the weights, GiB; 0 or more. */
  weightsGiB: number;
  /** How the weights are kept. */
  cache: ModelCacheArgs;
}
