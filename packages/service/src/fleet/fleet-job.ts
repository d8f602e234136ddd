import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { FleetError } from './fleet-error.ts';

/** Name of the queue in Redis; its keys begin with `gradcam:` and this name. */
export const QUEUE_NAME = 'images';

/** What all keys of the queue begin with. */
export const QUEUE_PREFIX = 'gradcam';

const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const fleetJob = Type.Object(
  {
    run: Type.String({ minLength: 1, maxLength: 4096 }),
    plan: sha256,
    part: count,
    at: count,
    bytes: Type.Integer({ minimum: 1, maximum: 2 ** 28 }),
  },
  { additionalProperties: false },
);

/**
 * A job as it travels through the queue: some 200 bytes, however many images it has. `run` is the run folder,
 * relative to the shared folder, and `plan` the sha256 of its plan, which holds the digests of model and
 * settings. `at` and `bytes` say where the images of this part stand in the run's `parts/jobs.jsonl`.
 */
export type FleetJob = Static<typeof fleetJob>;

/**
 * Checks what came out of the queue, where any program may have put it.
 *
 * @throws FleetError `data`.
 */
export function readFleetJob(data: unknown): FleetJob {
  if (Check(fleetJob, data)) return data;
  throw new FleetError(
    'data',
    `the queue holds a job that is not one of gradcam: ${JSON.stringify(data)?.slice(0, 200)}`,
  );
}

/**
 * The id of a job in the queue. The same part of the same plan has the same id, so a job that is added twice
 * is there once.
 */
export function jobId({ plan, part }: Pick<FleetJob, 'plan' | 'part'>): string {
  return `${plan.slice(0, 16)}-${part}`;
}
