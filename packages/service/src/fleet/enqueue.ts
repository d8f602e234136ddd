import type { Queue } from 'bullmq';
import { setTimeout as wait } from 'node:timers/promises';
import { isConnectionFault } from './connect.ts';
import { jobId, type FleetJob } from './fleet-job.ts';

/** Jobs that are sent to the server in one transaction. */
const JOBS_AT_ONCE = 1000;

/**
 * How often a job is tried when a worker reports an error, such as that it has another model or cannot write.
 * Workers that die are not counted here.
 */
const ATTEMPTS = 6;

/** The pause before the second attempt; it doubles with each further one. */
const FIRST_PAUSE_MS = 1000;

/**
 * Adds jobs to the queue, in their order. A job that is in the queue already, or is being done, is not added
 * again.
 *
 * @param signal where it is aborted, no further jobs are added.
 */
export async function enqueue(
  queue: Queue,
  jobs: Iterable<FleetJob>,
  signal: AbortSignal,
): Promise<void> {
  let some: FleetJob[] = [];
  const send = async (): Promise<void> => {
    const add = (): Promise<unknown> =>
      queue.addBulk(
        some.map((data) => ({
          name: 'explain',
          data,
          opts: {
            jobId: jobId(data),
            attempts: ATTEMPTS,
            backoff: { type: 'exponential', delay: FIRST_PAUSE_MS },
            removeOnComplete: true,
            // The stack of a worker's error says nothing that its one line does not say.
            stackTraceLimit: 1,
          },
        })),
      );
    await repeatUntilReachable(add, signal);
    some = [];
  };
  for (const job of jobs) {
    if (signal.aborted) return;
    some.push(job);
    if (some.length === JOBS_AT_ONCE) await send();
  }
  if (some.length > 0 && !signal.aborted) await send();
}

/** The pause before jobs are sent again to a server that was gone. */
const RETRY_MS = 500;

/** Jobs may be sent twice, since each is in the queue once. */
async function repeatUntilReachable(
  send: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await send();
      return;
    } catch (error) {
      if (!isConnectionFault(error)) throw error;
      await wait(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** Takes jobs off the queue that no worker has begun; the others stay. */
export async function dequeue(
  queue: Queue,
  jobs: Iterable<Pick<FleetJob, 'plan' | 'part'>>,
): Promise<void> {
  let some: Promise<number>[] = [];
  for (const job of jobs) {
    // A job that a worker has in hand is locked, and is not removed.
    some.push(queue.remove(jobId(job)));
    if (some.length === JOBS_AT_ONCE) {
      await Promise.allSettled(some);
      some = [];
    }
  }
  await Promise.allSettled(some);
}
