/**
 * One run, explained by many processes and machines.
 *
 * A program plans a run with {@link planRun}, adds its jobs to a queue with {@link enqueue} and takes their
 * outcomes into the results with {@link followRun}. Workers do the jobs ({@link work}). The queue only says
 * who does what next; what is done is in the shared folder.
 *
 * @module
 */
export { FleetError, isFleetError, type FleetErrorKind } from './fleet-error.ts';
export { readQueueAddress, type QueueAddress } from './queue-address.ts';
export { connect, type ConnectRequest } from './connect.ts';
export { openQueue } from './open-queue.ts';
export { openSharedRoot, type SharedRoot } from './shared-root.ts';
export { jobId, QUEUE_NAME, QUEUE_PREFIX, readFleetJob, type FleetJob } from './fleet-job.ts';
export { readLeftPlan, readPlan, type Plan } from './plan.ts';
export type { JobImage, JobSize, PlannedImages } from './job-list.ts';
export { planRun, type PlanRequest } from './plan-run.ts';
export { dequeue, enqueue } from './enqueue.ts';
export { followRun, type FollowedJob, type FollowRequest } from './follow-run.ts';
export { readQueueStatus, type ListedJob, type QueueStatus } from './read-status.ts';
export {
  explainJob,
  JOBS_AT_ONCE,
  type JobOutcome,
  type JobTools,
  type PlannedModel,
} from './explain-job.ts';
export { MAX_TRIES } from './tries.ts';
export { work, type WorkRequest } from './work.ts';
