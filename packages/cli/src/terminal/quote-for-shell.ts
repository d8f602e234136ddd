/** Quotes a name as one word of a command line that can be copied into a shell. */
export function quoteForShell(name: string): string {
  return /^[\w./:@%+,=-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
