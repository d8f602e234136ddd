import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ModelJson } from '../../src/artifact/model-json.ts';
import { convertModel } from '../../src/node/convert-model.ts';
import { createRandom } from '../hostile/mutate.ts';
import { fixturePath, readFixtureJson } from '../support/fixtures.ts';
import { createSmallArchitecture, type OracleExpectation } from '../support/small-architectures.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

/** A process takes seconds to start; `GRADCAM_KILLS` sets how many are killed. */
const KILLS = Number(process.env['GRADCAM_KILLS'] ?? 2);
const child = fileURLToPath(new URL('../support/convert-forever.ts', import.meta.url));

test(`killed at ${KILLS} random moments, it leaves a whole model or none, and the next run works`, async () => {
  const folder = await createTemporaryFolder();
  const out = join(folder, 'small');
  const random = createRandom(9);
  const { architecture } = readFixtureJson<OracleExpectation>('slim/vgg16.expected.json');
  for (let kill = 0; kill < KILLS; kill++) {
    await runAndKill(out, random() % 200);
    if (existsSync(out)) await expectWhole(out);
    // What it left beside the model is listed as a model by nobody.
    const isModel = (name: string) => existsSync(join(folder, name, 'model.json'));
    expect((await readdir(folder)).filter((name) => name !== 'small' && isModel(name))).toEqual([]);
    await convertModel({
      source: fixturePath('slim/vgg16.npy'),
      architecture: createSmallArchitecture(architecture),
      id: `after-${kill}`,
      out,
    });
    await expectWhole(out);
    expect(await readdir(folder)).toEqual(['small']);
  }
}, 300_000);

/** Starts the process and ends it by SIGKILL some time after it has converted once. */
async function runAndKill(out: string, delayMs: number): Promise<void> {
  const loader = ['--import', '@swc-node/register/esm-register'];
  const running = spawn(process.execPath, [...loader, child, out]);
  const ended = new Promise<void>((resolve) => running.once('close', () => resolve()));
  let errors = '';
  running.stderr.on('data', (text) => (errors += String(text)));
  await Promise.race([
    new Promise((resolve) => running.stdout.once('data', resolve)),
    ended.then(() => Promise.reject(new Error(`the process ended by itself: ${errors}`))),
  ]);
  await sleep(delayMs);
  running.kill('SIGKILL');
  await ended;
}

/** Every shard has the digest that model.json states. */
async function expectWhole(out: string): Promise<void> {
  const model = JSON.parse(await readFile(join(out, 'model.json'), 'utf8')) as ModelJson;
  for (const [name, digest] of Object.entries(model.userDefinedMetadata.gradcam.shards)) {
    const bytes = await readFile(join(out, name));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
  }
}
