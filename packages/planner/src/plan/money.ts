import type { Range } from "./types";

/** Hours of a month, as AWS counts them: 365 × 24 / 12. */
export const hoursPerMonth = 730;

/** Dollars with the digits that an amount of its size needs: `$0.045`, `$32.85`, `$1,648`. */
export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  const size = Math.abs(amount);
  const digits = size < 1 ? 3 : size < 100 ? 2 : 0;
  const text = size.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${amount < 0 ? "−" : ""}$${text}`;
}

/** `$889 to $1,648`; one amount where floor and ceiling are the same. */
export function dollarRange({ floor, ceiling }: Range): string {
  return dollars(floor) === dollars(ceiling) ? dollars(floor) : `${dollars(floor)} to ${dollars(ceiling)}`;
}
