import { guardWrite, PARTS_FOLDER, writeWhole } from '@gradcam/runs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FollowedJob } from './follow-run.ts';
import { jobListFile, writeJobList, type JobSize, type PlannedImages } from './job-list.ts';
import { encodePlan, planFile, type Plan } from './plan.ts';
import type { SharedRoot } from './shared-root.ts';

export interface PlanRequest extends PlannedImages {
  /** The run folder, which exists and whose lock the caller holds. */
  readonly run: string;
  readonly root: SharedRoot;
  readonly size: JobSize;
  readonly plan: Omit<Plan, 'schema' | 'jobs' | 'count'>;
}

/**
 * Splits the images of a run into jobs and writes the plan into the run's folder `parts/`. When the plan is
 * there, the jobs can be added to a queue.
 *
 * @throws FleetError `argument` for an image or a run outside of the shared folder; RunError `cannot-write`.
 */
export async function planRun(request: PlanRequest): Promise<readonly FollowedJob[]> {
  const { run, root, size, images, lineOf } = request;
  const place = await root.place(run);
  const folder = path.join(run, PARTS_FOLDER);
  await guardWrite(folder, () => mkdir(folder));
  const write = (file: string, content: AsyncIterable<string> | string): Promise<void> =>
    guardWrite(file, () =>
      writeWhole(file, async (handle) => {
        await writeFile(handle, content);
        await handle.sync();
      }),
    );
  const list = await writeJobList(request, size, root, (rows) => write(jobListFile(run), rows));
  const { jobs: places, sha256 } = list;
  const { text, digest } = encodePlan({
    schema: 1,
    ...request.plan,
    jobs: sha256,
    count: { jobs: places.length, images: images.length },
  });
  await write(planFile(run), text);
  let from = 0;
  return places.map(({ part, at, bytes, images: count }) => {
    const some = images.slice(from, from + count);
    from += count;
    return {
      job: { run: place, plan: digest, part, at, bytes },
      images: some.map((one) => ({ ...one, image: lineOf(one.image) })),
    };
  });
}
