// Run by `npm ci`: compiles what the commands load and unpacks helm, so that the first plan is as fast as any other.
// JavaScript, because an installation without development dependencies has no compiler, and must not fail for it.

function compilerIsThere() {
  try {
    require.resolve("typescript");
    return true;
  } catch {
    return false;
  }
}

if (compilerIsThere()) {
  require("./register.js");
  require("./plan/command");
  require("../components");
  require("../components/settings");
  try {
    require("./tools/helm").helmPath();
  } catch {
    // Without helm for this platform the plan itself says what is missing, where somebody reads it.
  }
}
