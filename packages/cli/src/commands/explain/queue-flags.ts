import { CommandError, exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../flags/flag-values.ts';
import type { ExplainFlags } from './flags.ts';

/** How a run is shared among workers. */
export interface QueueSettings {
  readonly queue: string;
  /** The folder that all workers see. */
  readonly root: string;
  readonly size: { readonly images: number; readonly bytes: number };
  readonly detach: boolean;
}

/** A job of more images takes minutes, which are lost when its worker dies. */
const MAX_JOB_IMAGES = 10_000;

/** Larger pictures than a job holds make jobs of one image. */
const MAX_JOB_MEGABYTES = 100_000;

/**
 * The settings of `--queue`; null where the run is not shared.
 *
 * @throws CommandError 64 for a value out of range, and for a setting that needs `--queue`.
 */
export function parseQueueFlags(flags: ExplainFlags): QueueSettings | null {
  const { queue, root = '.', detach = false, jobImages, jobMegabytes } = flags;
  if (queue === undefined) {
    const alone = flags.root !== undefined ? '--root' : flags.detach ? '--detach' : null;
    if (alone === null) return null;
    throw new CommandError(exitCodes.usage, `${alone} needs --queue`);
  }
  const images = parseCount('--job-images', jobImages, { most: MAX_JOB_IMAGES });
  const megabytes = parseCount('--job-megabytes', jobMegabytes, { most: MAX_JOB_MEGABYTES });
  return { queue, root, detach, size: { images, bytes: megabytes * 1e6 } };
}
