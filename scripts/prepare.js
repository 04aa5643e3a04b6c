// Run by `npm ci`: unpacks helm and fills the cache of tsx, so that the first plan is as fast as any other. JavaScript, because
// an installation without development dependencies has no compiler, and must not fail for it.

function compilerIsThere() {
  try {
    require.resolve("tsx/cjs");
    return true;
  } catch {
    return false;
  }
}

if (compilerIsThere()) {
  require("tsx/cjs");
  require("../packages/planner/src/plan/command");
  require("../components");
  require("../settings");
  try {
    require("../packages/planner/src/helm").helmPath();
  } catch {
    // Without helm for this platform the plan itself says what is missing, where somebody reads it.
  }
}
