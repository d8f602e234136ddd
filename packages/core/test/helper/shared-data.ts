import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/**
 * A path in the folder of real data beside the repository, or in `$GRADCAM_SHARED`; null where it is
 * absent, which is said once, so that a skipped test does not pass for a green one.
 */
export function findShared(...parts: string[]): string | null {
  const root = process.env['GRADCAM_SHARED'] ?? path.join(repository, '..', 'shared');
  const found = path.join(root, ...parts);
  if (existsSync(found)) return found;
  process.stderr.write(`skipped: no ${parts.join('/')} in ../shared or $GRADCAM_SHARED\n`);
  return null;
}
