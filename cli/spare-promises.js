// JavaScript, because cli/register.js loads it under the engine, where nothing is compiled yet.

let spared = false;

/**
 * The SDK keeps a stack for each of its promises, which nobody sees unless PULUMI_DEBUG_PROMISE_LEAKS is set. Taking and
 * printing them is a quarter of a preview, and of a plan with many services: they stay empty.
 */
exports.sparePromises = () => {
  if (spared || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  spared = true;
  const debuggable = require("@pulumi/pulumi/runtime/debuggable");
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
};
