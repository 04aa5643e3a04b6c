// Makes the plan of this checkout use the SDK of another folder, where the package under test is installed: a program and the
// plan that records it must share one copy. Components never come from here: a program that finds none fails.

const Module = require("node:module");
const { join, sep } = require("node:path");

const folder = process.env.SDK_OF;
const here = join(__dirname, "../..");
const resolve = Module._resolveFilename;
const sources = join(here, "components");

Module._resolveFilename = function (request, parent, ...rest) {
  if (
    /^@pulumi\//.test(request) &&
    parent?.filename?.startsWith(here + sep) &&
    !parent.filename.includes("node_modules")
  ) {
    return resolve.call(this, request, { ...parent, paths: [join(folder, "node_modules")] }, ...rest);
  }
  const found = resolve.call(this, request, parent, ...rest);
  if (parent?.filename?.startsWith(folder) && found.startsWith(sources)) {
    throw new Error(`${parent.filename} got ${request} from ${found}, not from the package`);
  }
  return found;
};
