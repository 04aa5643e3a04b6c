import * as pulumi from "@pulumi/pulumi";

/** The value of an input, once it is known; in a preview that may be never. */
export function promiseOf<T>(input: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });
}
