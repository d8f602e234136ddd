import { toPrintable } from '@gradcam/core';
import {
  connect,
  openQueue,
  readQueueAddress,
  readQueueStatus,
  type ListedJob,
  type QueueStatus,
} from '@gradcam/service/fleet';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { queuePassword } from '../../flags/queue-address.ts';
import { createTerminal } from '../../terminal/messages.ts';

/** The flags of `status` as commander hands them over. */
export interface StatusFlags {
  readonly queue: string;
  readonly json?: boolean;
}

/** `gradcam status`: shows what a queue holds. */
export async function runStatus(flags: StatusFlags): Promise<ExitCode> {
  const terminal = createTerminal({});
  const address = readQueueAddress(flags.queue, queuePassword());
  const redis = await connect({
    ...{ address, waits: false, note: (text) => terminal.note(text), onLost: () => {} },
  });
  const queue = openQueue(redis);
  try {
    const status = await readQueueStatus(queue);
    if (flags.json) terminal.out(JSON.stringify(status));
    else for (const line of describe(status)) terminal.out(toPrintable(line));
    return exitCodes.done;
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

function describe({ waiting, active, failed, workers, inWork, failures }: QueueStatus): string[] {
  return [
    `jobs: ${waiting} waiting, ${active} in work, ${failed} failed`,
    `workers: ${workers.length === 0 ? 'none' : workers.join(', ')}`,
    ...inWork.map((job) => `  in work: ${describeJob(job)}`),
    ...more(active, inWork),
    ...failures.map((job) => `  failed: ${describeJob(job)}`),
    ...more(failed, failures),
    ...(failed > 0 ? ['gradcam explain --resume --queue tries failed jobs again'] : []),
  ];
}

function describeJob({ run, part, worker, since, reason }: ListedJob): string {
  const by = worker === undefined ? '' : ` by ${worker}`;
  const from = since === undefined || reason !== undefined ? '' : ` since ${since}`;
  return `${run} part ${part}${by}${from}${reason === undefined ? '' : `: ${reason}`}`;
}

function more(count: number, listed: readonly ListedJob[]): string[] {
  return count > listed.length ? [`  and ${count - listed.length} more`] : [];
}
