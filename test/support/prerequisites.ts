/** As much of a resource as says what it waits for. */
interface Waiting {
  urn: string;
  dependencies: string[];
  provider?: string;
  parent?: string;
}

/** URNs of everything that must exist before this resource, directly or through others; the engine makes parents first. */
export function prerequisites(resources: Waiting[], resource: Waiting): Set<string> {
  const seen = new Set<string>();
  const waitsFor = ({ dependencies, provider, parent }: Waiting) =>
    [...dependencies, provider, parent].filter((urn) => urn !== undefined);
  const queue = waitsFor(resource);
  for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
    const found = resources.find((entry) => entry.urn === urn);
    if (!found || seen.has(urn)) continue;
    seen.add(urn);
    queue.push(...waitsFor(found));
  }
  return seen;
}
