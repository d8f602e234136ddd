import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_NAME, QUEUE_PREFIX } from './fleet-job.ts';

/** Events that the server keeps; nobody reads them, since the outcomes are files. */
const KEPT_EVENTS = 100;

/** Opens the queue for adding and asking. The caller closes the queue, and then the connection. */
export function openQueue(redis: Redis): Queue {
  const queue = new Queue(QUEUE_NAME, {
    ...{ connection: redis, prefix: QUEUE_PREFIX },
    streams: { events: { maxLen: KEPT_EVENTS } },
  });
  // The connection reports its errors itself.
  queue.on('error', () => {});
  return queue;
}
