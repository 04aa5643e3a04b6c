import { containersOf, describeObject, isHook, type PlannedObject, podOf } from "../objects";
import { isOwnChart } from "../render";
import { type Check, CheckStatus } from "../types";
import { counted, type Facts, listed, verdict } from "./facts";

/** No name is registered twice: the engine would refuse the second. */
export function uniqueNames({ duplicates, resources }: Facts): Check {
  return verdict(
    "unique-names",
    duplicates.map((urn) => urn.split("::").slice(2).join(" ")),
    "Give each resource a name of its own.",
    counted(resources.length, "resource"),
  );
}

/** Every Kubernetes resource names its provider: a default one would use the machine's own kubeconfig. */
export function explicitProvider({ resources }: Facts): Check {
  const kubernetes = resources.filter(
    (resource) => resource.custom && resource.type.startsWith("kubernetes:"),
  );
  return verdict(
    "explicit-provider",
    kubernetes
      .filter((resource) => !resource.provider)
      .map((resource) => `${resource.type} ${resource.name}`),
    "Pass the cluster's provider in the options of the resource or of its parent.",
    counted(kubernetes.length, "Kubernetes resource"),
  );
}

/** Images of an object: of its pods, and of custom resources from which an operator makes pods. */
function imagesOf({ manifest }: PlannedObject): string[] {
  const pod = podOf(manifest);
  const images = pod ? containersOf(pod).map((container) => container.image) : [];
  const own = (manifest.spec as { image?: unknown } | undefined)?.image;
  return [...images, own].filter((image): image is string => typeof image === "string");
}

/** True for an image with a digest, or a tag other than `latest`. */
export function isPinned(image: string): boolean {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return true;
  // A colon before the last slash is a registry's port.
  const tag = /:([^:/@]+)$/.exec(image)?.[1];
  return tag !== undefined && tag !== "latest";
}

/** Every image is of one version: restarts do not change what runs. */
export function pinnedImages(facts: Facts): Check {
  const images = facts.objects.flatMap((object) => imagesOf(object).map((image) => ({ image, object })));
  return verdict(
    "pinned-images",
    images
      .filter(({ image }) => !isPinned(image))
      .map(({ image, object }) => `${image} of ${describeObject(object)}`),
    "Name an exact tag or a digest.",
    `${counted(new Set(images.map(({ image }) => image)).size, "image")}`,
  );
}

/** Every chart that is not the project's own is of one version. */
export function pinnedCharts({ releases }: Facts): Check {
  const published = releases.filter((release) => !isOwnChart(release));
  return verdict(
    "pinned-charts",
    published
      .filter((release) => !/^v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/.test(release.version))
      .map((release) => `${release.chart} ${release.version || "without version"}`),
    "Give the exact version.",
    counted(published.length, "published chart"),
  );
}

/** Every container says what it needs: otherwise the scheduler places it blindly and quotas refuse it. */
export function resourcesSet(facts: Facts): Check {
  const own = new Set(facts.releases.filter(isOwnChart).map((release) => `release ${release.name}`));
  const missing = facts.objects
    .filter(({ manifest }) => !isHook(manifest))
    .flatMap((object) => {
      const pod = podOf(object.manifest);
      return (pod ? containersOf(pod) : [])
        .filter(({ resources }) => !resources?.requests?.cpu || !resources.requests.memory)
        .map((container) => ({ object, text: `${describeObject(object)} container ${container.name}` }));
    });
  const ours = missing.filter(
    ({ object }) => own.has(object.origin) || object.origin.startsWith("resource "),
  );
  const theirs = missing.filter((entry) => !ours.includes(entry));
  if (ours.length === 0 && theirs.length > 0) {
    return {
      id: "resources-set",
      status: CheckStatus.Warn,
      detail: `without requests, in published charts: ${listed(theirs.map(({ text }) => text))}. Set them in the chart's values where it lets you.`,
    };
  }
  return verdict(
    "resources-set",
    ours.map(({ text }) => text),
    "Set requests for cpu and memory.",
    `every container asks for cpu and memory`,
  );
}

/** No secret in Helm values, outputs or objects other than Secrets: they are stored in plain text. */
export function noPlainSecrets({ leaks, resources }: Facts): Check {
  const secrets = resources.filter((resource) => resource.type === "kubernetes:core/v1:Secret");
  return verdict(
    "no-plain-secrets",
    leaks,
    "Put the value into a Secret and refer to it by name; an output must be marked (pulumi.secret).",
    `secrets only in ${counted(secrets.length, "Secret")} and secret outputs`,
  );
}
