import { isConverterError } from '@gradcam/converter';
import { acquireLock } from '@gradcam/converter/node';
import type { RunLock } from '@gradcam/runs';

/**
 * Locks a run's folder with the converter's lock.
 *
 * @throws ConverterError `LockedError` where another process holds the lock, `WriteError` where it cannot be
 *   written.
 */
export async function lockRun(path: string): Promise<RunLock> {
  const lock = await acquireLock(path);
  return {
    release: () => lock.release(),
    async assertHeld() {
      // If the lock file is gone, its whole folder was deleted; the next write reports that more clearly.
      await lock.assertHeld().catch((error: unknown) => {
        if (isConverterError(error) && error.tag === 'LockedError') throw error;
      });
    },
  };
}
