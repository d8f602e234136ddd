import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tortureFleet } from '../torture/fleet/torture-fleet.mjs';

/** Half a minute on an idle machine; other tests run beside it. */
const TIMEOUT = 600_000;

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis && process.env['CI'] !== 'true') {
  console.warn(
    'queue test skipped: no redis-server found; get it with: apt-get install redis-server',
  );
}

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }), 120_000);
  return folder;
}

test.runIf(hasRedis || process.env['CI'] === 'true')(
  'a shared run whose workers, command and server are killed is as one undisturbed process makes it',
  { timeout: TIMEOUT },
  async () => {
    const plan = {
      ...{ images: 120, jobImages: 8, workers: 2, workerKills: 2, producerKills: 1 },
      ...{ serverKills: 1, pauses: 1, poison: true, lostAfter: 2, seed: 20261129 },
    };
    const summary = await tortureFleet(makeFolder(), plan, () => {});
    expect(summary.found).toEqual([]);
    expect(summary.counts).toEqual({ done: 119, failed: 1 });
    expect(summary.kills).toEqual({ worker: 2, producer: 1, server: 1, pause: 1 });
  },
);
