/** Files that are embedded in the page, by path. The map is empty if a server provides the files. */
const embedded = new Map<string, string>();

/**
 * Registers a run's files that are embedded in the page: path to an address that contains the bytes
 * (`data:`).
 */
export function embedFiles(files: Readonly<Record<string, string>>): void {
  for (const [path, address] of Object.entries(files)) embedded.set(path, address);
}

/** The address of a run's file. Its name may contain any characters. */
export function fileAddress(base: string, path: string): string {
  return embedded.get(path) ?? base + path.split('/').map(encodeURIComponent).join('/');
}
