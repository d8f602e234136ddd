import { createBudget } from '@gradcam/runs';
import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { hostname } from 'node:os';
import { explainJob, JOBS_AT_ONCE, type JobOutcome, type JobTools } from './explain-job.ts';
import { isFleetError } from './fleet-error.ts';
import { QUEUE_NAME, QUEUE_PREFIX, readFleetJob } from './fleet-job.ts';

/**
 * How often a job may lose its worker. An image that ends its worker loses it at most four times, so this is
 * enough for jobs in which every image does.
 */
const MAX_LOST = 10_000;

/** How long a worker takes no job after it had to refuse one, so that others get it. */
const REFUSAL_PAUSE_MS = 5000;

/** How often it is looked whether a worker has had nothing to do for too long. */
const IDLE_CHECK_MS = 250;

export interface WorkRequest extends Omit<JobTools, 'gate'> {
  readonly redis: Redis;
  /** After this time without a sign of life, a worker's job is given to another worker. */
  readonly lockMs: number;
  /** The worker ends after this time without a job; undefined for never. */
  readonly idleMs: number | undefined;
  /** Gets messages for people. */
  readonly note: (text: string) => void;
  /** Gets errors of jobs, each in one line. */
  readonly warn: (text: string) => void;
  readonly onJob: (outcome: JobOutcome, run: string) => void;
}

/**
 * Takes jobs from the queue and does them, until the signal is aborted or there has been nothing to do for
 * the stated time. Then jobs in work end after the images that the engine has, and go back to the queue.
 */
export async function work(request: WorkRequest): Promise<void> {
  const { redis, lockMs, idleMs, signal, note, warn, onJob } = request;
  const tools: JobTools = { ...request, gate: createBudget(JOBS_AT_ONCE) };
  let busy = 0;
  let lastBusy = Date.now();
  let resumeTimer: NodeJS.Timeout | undefined;

  const rest = (): void => {
    clearTimeout(resumeTimer);
    void worker.pause(true);
    resumeTimer = setTimeout(() => worker.resume(), REFUSAL_PAUSE_MS);
  };

  const process = async (taken: Job, token?: string): Promise<JobOutcome['what']> => {
    busy += 1;
    try {
      const job = readFleetJob(taken.data);
      const outcome = await explainJob(job, taken.attemptsStarted > 1, tools);
      onJob(outcome, job.run);
      if (outcome.what !== 'stopped') return outcome.what;
      await taken.moveToWait(token);
      throw new WaitingError();
    } catch (error) {
      if (error instanceof WaitingError) throw error;
      if (isFleetError(error, 'obsolete')) {
        note(error.message);
        return 'there';
      }
      const { message } = error as Error;
      warn(message);
      if (isFleetError(error, 'data')) throw new UnrecoverableError(message);
      rest();
      throw new Error(`${hostname()}: ${message}`, { cause: error });
    } finally {
      busy -= 1;
      lastBusy = Date.now();
    }
  };

  const worker = new Worker(QUEUE_NAME, process, {
    ...{ connection: redis, prefix: QUEUE_PREFIX, concurrency: JOBS_AT_ONCE },
    ...{ lockDuration: lockMs, stalledInterval: lockMs / 2, maxStalledCount: MAX_LOST },
    name: `${hostname()}:${globalThis.process.pid}`,
    // The pause after an error of the connection, which the connection itself prolongs.
    runRetryDelay: 1000,
  });
  // The connection reports its own errors. A lost lock does no harm: the outcome is the same file.
  worker.on('error', () => {});
  try {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearInterval(timer);
        resolve();
      };
      const timer = setInterval(() => {
        if (idleMs !== undefined && busy === 0 && Date.now() - lastBusy > idleMs) end();
      }, IDLE_CHECK_MS);
      if (signal.aborted) end();
      signal.addEventListener('abort', end);
    });
  } finally {
    clearTimeout(resumeTimer);
    // Without a server nothing can be given back; the locks of the jobs expire.
    await worker.close(redis.status !== 'ready');
  }
}
