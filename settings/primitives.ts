import { z } from "zod";
import { type Bounds, numberMessage, wholeNumberMessage } from "../components/common/bounds";
import { ipv4Block } from "../components/common/cidr";
import { logRetentionDays, retentionMessage } from "../components/common/log-retention";
import type { TextRule } from "../components/common/text";

// The rules themselves stand beside the components that have them.

/** A text by a component's rule. */
export const text = ({ pattern, must, longest }: TextRule) => {
  const matching = z.string().regex(pattern, must);
  return longest === undefined ? matching : matching.max(longest, must);
};

/** A whole number within a component's bounds. */
export const whole = (bounds: Bounds) => {
  const message = wholeNumberMessage(bounds);
  return z.int(message).min(bounds.least, message).max(bounds.most, message);
};

/** A number within a component's bounds. */
export const amount = (bounds: Bounds) => {
  const message = numberMessage(bounds);
  return z.number(message).min(bounds.least, message).max(bounds.most, message);
};

/** One of the values of a const object. */
export const oneOf = <const T extends Record<string, string>>(values: T) => z.enum(values);

/** Blocks of addresses. */
export const blocks = z.array(text(ipv4Block));

/** Days that CloudWatch Logs can keep something. */
export const retentionDays = z.literal([...logRetentionDays], retentionMessage);
