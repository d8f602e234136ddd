/** Files that travel inside the page, by path; none where a server has them. */
const embedded = new Map<string, string>();

/** Takes a run's files from inside the page: path to an address that holds the bytes (`data:`). */
export function embedFiles(files: Readonly<Record<string, string>>): void {
  for (const [path, address] of Object.entries(files)) embedded.set(path, address);
}

/** The address of a run's file, whatever characters its name has. */
export function fileAddress(base: string, path: string): string {
  return embedded.get(path) ?? base + path.split('/').map(encodeURIComponent).join('/');
}
