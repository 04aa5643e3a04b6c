/**
 * The entry of a table under a name that a user wrote. Every object also answers to names like `constructor`, which no
 * table has.
 */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
