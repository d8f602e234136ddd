import { GradcamError } from './errors.ts';

/**
 * Imports a module that needs an optional peer of this package.
 *
 * @param load the import, with a literal path, so that bundlers see it.
 * @throws GradcamError `engine` with the line that installs the package, where Node does not find it. A
 *   bundler reports a missing package itself.
 */
export async function importPeer<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const missing = findMissingPackage(cause);
    if (missing === null) throw cause;
    throw new GradcamError(
      'engine',
      `the package ${missing} is not installed; run: npm install ${missing}`,
      { cause },
    );
  }
}

/** The name of the package that Node did not find; null for any other error. */
function findMissingPackage(error: unknown): string | null {
  const { code, message } = error as { code?: unknown; message?: string };
  if (code !== 'ERR_MODULE_NOT_FOUND') return null;
  return /Cannot find package '([^']+)'/.exec(message ?? '')?.[1] ?? null;
}
