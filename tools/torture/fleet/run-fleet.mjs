// @ts-check
/**
 * Kills workers, the command and the server of a shared run, and compares its outcome with that of one
 * undisturbed process: node tools/torture/fleet/run-fleet.mjs [--images 5000] [--workers 3]
 * [--worker-kills 20] [--producer-kills 2] [--server-kills 2] [--pauses 1] [--job-images 32]
 * [--lost-after 5] [--seed 1] [--keep]. Needs redis-server.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { tortureFleet } from './torture-fleet.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '5000' },
    workers: { type: 'string', default: '3' },
    'worker-kills': { type: 'string', default: '20' },
    'producer-kills': { type: 'string', default: '2' },
    'server-kills': { type: 'string', default: '2' },
    pauses: { type: 'string', default: '1' },
    'job-images': { type: 'string', default: '32' },
    'lost-after': { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-fleet-'));
try {
  const summary = await tortureFleet(
    folder,
    {
      images: Number(values.images),
      jobImages: Number(values['job-images']),
      workers: Number(values.workers),
      workerKills: Number(values['worker-kills']),
      producerKills: Number(values['producer-kills']),
      serverKills: Number(values['server-kills']),
      pauses: Number(values.pauses),
      poison: true,
      lostAfter: Number(values['lost-after']),
      seed: Number(values.seed),
    },
    (text) => process.stderr.write(`${text}\n`),
  );
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  process.exitCode = summary.found.length === 0 ? 0 : 1;
} finally {
  if (values.keep) process.stderr.write(`kept: ${folder}\n`);
  else rmSync(folder, { recursive: true, force: true });
}
