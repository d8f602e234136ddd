import type { Queue } from 'bullmq';
import { isFleetError } from './fleet-error.ts';
import { readFleetJob } from './fleet-job.ts';

/** The most jobs of a kind that are listed; the counts have all. */
const LISTED = 20;

/** A job that a worker has in hand, or that has failed. */
export interface ListedJob {
  /** The run folder, relative to the shared folder. */
  readonly run: string;
  readonly part: number;
  /** The worker, as `<host>:<process id>`; absent where none has begun. */
  readonly worker?: string;
  /** When the worker began, as an ISO 8601 time. */
  readonly since?: string;
  /** Why the job failed. */
  readonly reason?: string;
}

/** What a queue holds now. */
export interface QueueStatus {
  /** Jobs that no worker has begun, those that wait for another attempt included. */
  readonly waiting: number;
  readonly active: number;
  /** Jobs that failed after all their attempts, and whose run has not taken note of it. */
  readonly failed: number;
  /** Names of the workers that are connected, `<host>:<process id>`. */
  readonly workers: readonly string[];
  /** The jobs in work, at most 20 of them. */
  readonly inWork: readonly ListedJob[];
  /** The failed jobs, at most 20 of them. */
  readonly failures: readonly ListedJob[];
}

/** Reads what a queue holds now. */
export async function readQueueStatus(queue: Queue): Promise<QueueStatus> {
  const counts = await queue.getJobCounts('waiting', 'delayed', 'active', 'failed');
  const [active, failed, clients] = await Promise.all([
    queue.getActive(0, LISTED - 1),
    queue.getFailed(0, LISTED - 1),
    queue.getWorkers(),
  ]);
  return {
    waiting: (counts['waiting'] ?? 0) + (counts['delayed'] ?? 0),
    active: counts['active'] ?? 0,
    failed: counts['failed'] ?? 0,
    workers: [...new Set(clients.map(nameOfClient))].filter((name) => name !== '').sort(),
    inWork: active.flatMap(listJob),
    failures: failed.flatMap(listJob),
  };
}

/** BullMQ names the connection of a worker `<prefix>:<queue>:w:<name>`. */
function nameOfClient({ name = '' }: { readonly [index: string]: string }): string {
  return name;
}

type KnownJob = Awaited<ReturnType<Queue['getActive']>>[number];

function listJob({ data, processedBy, processedOn, failedReason }: KnownJob): ListedJob[] {
  try {
    const { run, part } = readFleetJob(data);
    return [
      {
        ...{ run, part },
        ...(processedBy !== undefined && { worker: processedBy }),
        ...(processedOn !== undefined && { since: new Date(processedOn).toISOString() }),
        ...(failedReason && { reason: failedReason }),
      },
    ];
  } catch (error) {
    if (isFleetError(error)) return [];
    throw error;
  }
}
