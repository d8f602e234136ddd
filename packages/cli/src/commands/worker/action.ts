import {
  connect,
  openSharedRoot,
  readQueueAddress,
  work,
  type FleetError,
} from '@gradcam/service/fleet';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { optional, parseCount } from '../../flags/flag-values.ts';
import { queuePassword } from '../../flags/queue-address.ts';
import { holdYoungGeneration } from '../../model-thread/hold-young-generation.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { createTerminal } from '../../terminal/messages.ts';
import { createModelHolder, type HolderFlags } from './hold-model.ts';

/** The flags of `work` as commander hands them over. */
export interface WorkFlags extends HolderFlags {
  readonly queue: string;
  readonly root?: string;
  readonly lostAfter: string;
  readonly idle?: string;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** A day: a worker that is silent for longer is gone. */
const MAX_SECONDS = 86_400;

/** `gradcam work`: does the jobs of shared runs. */
export async function runWork(flags: WorkFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const note = (text: string): void => terminal.note(text);
  const lockMs = 1000 * parseCount('--lost-after', flags.lostAfter, { most: MAX_SECONDS });
  const idle = optional(flags.idle, (value) => parseCount('--idle', value, { most: MAX_SECONDS }));
  const address = readQueueAddress(flags.queue, queuePassword());
  const root = await openSharedRoot(flags.root ?? '.');
  const holder = createModelHolder(flags, root, terminal);
  const lost = new AbortController();
  const redis = await connect({
    ...{ address, waits: true, note },
    onLost: (error) => lost.abort(error),
  });
  const guard = abortOnSignals(() =>
    terminal.warn('stopping: jobs go back to the queue; interrupt again to stop at once'),
  );
  note(`waiting for jobs at ${address.shown}; the shared folder is ${root.folder}`);
  holdYoungGeneration();
  const total = { jobs: 0, images: 0, failed: 0 };
  try {
    await work({
      ...{ redis, root, lockMs, note, openModel: holder.open, holdsModel: holder.holds },
      idleMs: idle === undefined ? undefined : 1000 * idle,
      signal: AbortSignal.any([guard.signal, lost.signal]),
      warn: (text) => terminal.warn(text),
      onJob({ what, images, failed }, run) {
        terminal.debug(`${run}: a job of ${images} images, ${what}, ${failed} failed`);
        total.jobs += what === 'done' ? 1 : 0;
        total.images += images;
        total.failed += failed;
      },
    });
  } finally {
    guard.release();
    redis.disconnect();
    await holder.close();
  }
  if (lost.signal.aborted) throw lost.signal.reason as FleetError;
  note(`${total.jobs} jobs done, ${total.images} images, ${total.failed} of them failed`);
  return guard.exitCode() ?? exitCodes.done;
}
