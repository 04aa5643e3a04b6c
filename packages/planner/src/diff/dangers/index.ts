import { type Danger, DangerKind } from "../types";
import { gpuCeiling } from "./capacity";
import { cutShort } from "./drain";
import { newlyPublic, widened } from "./exposure";
import { type Facts, factsOf } from "./facts";
import { iamWidened, rbacWidened } from "./grants";
import { credentials, dataLoss, losses, lostObjects } from "./loss";
import { movedWithoutAlias, unseenTemplates } from "./oversights";
import { refusals } from "./refusals";
import { policiesRemoved, relaxedPodSecurity, relaxedTls, relaxedValues } from "./security";
import { unmadeInPlace } from "./transitions";

/** What is looked for in every change. */
const detectors: ((facts: Facts) => Danger[])[] = [
  unmadeInPlace,
  refusals,
  losses,
  cutShort,
  lostObjects,
  dataLoss,
  newlyPublic,
  widened,
  relaxedTls,
  relaxedPodSecurity,
  policiesRemoved,
  relaxedValues,
  iamWidened,
  rbacWidened,
  gpuCeiling,
  credentials,
  movedWithoutAlias,
  unseenTemplates,
];

/** What a reviewer must see, most severe first, each once. */
export function dangersOf(given: Omit<Facts, "objects" | "leaves">): Danger[] {
  const facts = factsOf(given);
  // Where there was nothing, nothing is lost or relaxed; but things become public.
  const found = (given.base ? detectors : [newlyPublic]).flatMap((detector) => detector(facts));
  const kinds = Object.values(DangerKind);
  const once = new Map(found.map((danger) => [JSON.stringify(danger), danger]));
  return [...once.values()].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}
