import * as pulumi from "@pulumi/pulumi";

/** The value of an input, once it is known; in a preview that may be never. */
export function promiseOf<T>(input: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });
}

/** `value`, once the others exist; on destroy, what used it goes before them. */
export function after<T>(value: pulumi.Input<T>, others: pulumi.Input<unknown>[]): pulumi.Output<T> {
  return pulumi.all([value as pulumi.Input<unknown>, ...others]).apply(([first]) => first as T);
}
