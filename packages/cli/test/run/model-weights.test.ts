import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startWeightsDigest } from '../../src/models/digest-weights.ts';
import { makeTemporaryFolder, startCommand } from '../run-command.ts';
import { models, readRun, scenes } from './demo-run.ts';

let cache: string;

beforeEach(() => {
  cache = path.join(makeTemporaryFolder(), 'cache');
  vi.stubEnv('GRADCAM_CACHE', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
});

describe('the digest of weights', () => {
  const json = Buffer.from(JSON.stringify({ weightsManifest: [{ paths: ['b.bin', 'a.bin'] }] }));
  /** `sha256sum b.bin a.bin | sha256sum` of GNU coreutils 9.1, of the texts `abc` and nothing. */
  const expected = 'fe55006cc1f6e96402c23067e776186b856fc95f802ca8c0bcacf507c45277d5';
  let folder: string;

  /** As if nobody had written them for an hour. */
  function age(): void {
    const then = new Date(Date.now() - 3600_000);
    for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), then, then);
  }

  /** Times that a file was changed cannot be set: an hour goes by. */
  function passAnHour(): void {
    const later = Date.now() + 3600_000;
    vi.spyOn(Date, 'now').mockReturnValue(later);
    onTestFinished(() => void vi.restoreAllMocks());
  }

  beforeEach(() => {
    folder = makeTemporaryFolder();
    writeFileSync(path.join(folder, 'b.bin'), 'abc');
    writeFileSync(path.join(folder, 'a.bin'), '');
    age();
  });

  const digest = (): Promise<string> => startWeightsDigest(folder, json).settle();

  test('is that of what sha256sum prints', async () => {
    expect(await digest()).toBe(expected);
  });

  test('is kept, but not of files that were written a moment ago', async () => {
    await digest();
    expect(readdirSync(path.join(cache, '..'))).not.toContain('cache');
    passAnHour();
    await digest();
    const [name, ...others] = readdirSync(path.join(cache, 'digests'));
    expect(others).toEqual([]);
    const kept = path.join(cache, 'digests', name!);
    expect(readFileSync(kept, 'utf8')).toBe(`${expected}\n`);
    // What is kept is what counts: the files are not read again.
    writeFileSync(kept, `${'0'.repeat(64)}\n`);
    expect(await digest()).toBe('0'.repeat(64));
    // A damaged one is none.
    writeFileSync(kept, '');
    expect(await digest()).toBe(expected);
  });

  test('is another one for other bytes of the same size and time', async () => {
    passAnHour();
    await digest();
    writeFileSync(path.join(folder, 'b.bin'), 'abd');
    age();
    expect(await digest()).not.toBe(expected);
  });

  test('fails where the files change while the model is opened, or lie elsewhere', async () => {
    const begun = startWeightsDigest(folder, json);
    await begun.settle();
    appendFileSync(path.join(folder, 'a.bin'), 'x');
    await expect(begun.settle()).rejects.toMatchObject({
      exitCode: 65,
      message: expect.stringContaining('weights changed while the model was opened'),
    });
    for (const name of ['../b.bin', '/etc/hostname', 'x/../../b.bin']) {
      const other = Buffer.from(JSON.stringify({ weightsManifest: [{ paths: [name] }] }));
      await expect(startWeightsDigest(folder, other).settle()).rejects.toMatchObject({
        exitCode: 65,
        message: expect.stringContaining("lies outside the model's folder"),
      });
    }
  });
});

describe('a run is resumed with the model that it was made with', () => {
  /** A copy of the demo net, a run with it, and how to go on with it. */
  async function startRun() {
    const folder = makeTemporaryFolder();
    const model = path.join(folder, 'net');
    cpSync(path.join(models, 'demo-resnet'), model, { recursive: true });
    const photos = path.join(folder, 'photos');
    mkdirSync(photos);
    copyFileSync(path.join(scenes, 'street.png'), path.join(photos, '1.png'));
    const out = path.join(folder, 'run');
    const args = ['explain', photos, '--model', model, '--out', out, '--save', 'raw', '--resume'];
    const explain = () => startCommand(args, { env: { GRADCAM_CACHE: cache } }).done;
    const first = await explain();
    expect(first.code, first.stderr).toBe(0);
    copyFileSync(path.join(scenes, 'garden.png'), path.join(photos, '2.png'));
    /** The signs of some weights, as if it had been trained on. */
    const retrain = (): void => {
      const shard = path.join(
        model,
        readdirSync(model).find((name) => name.endsWith('.bin'))!,
      );
      const bytes = readFileSync(shard);
      for (let i = 3; i < 4000; i += 4) bytes[i]! ^= 128;
      writeFileSync(shard, bytes);
    };
    return { out, explain, retrain };
  }

  test('one that was trained on has the same model.json and is refused: exit code 64', async () => {
    const { out, explain, retrain } = await startRun();
    expect(readRun(out).model.weights).toMatch(/^[0-9a-f]{64}$/);
    const lines = readFileSync(path.join(out, 'results.jsonl'));
    retrain();
    expect(await explain()).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('has changed (its weights differ)'),
    });
    expect(readFileSync(path.join(out, 'results.jsonl')).equals(lines)).toBe(true);
  });

  test('a run of an earlier version, which knows only model.json, goes on with a note', async () => {
    const { out, explain, retrain } = await startRun();
    const { model, ...run } = readRun(out);
    const { weights, ...old } = model;
    writeFileSync(path.join(out, 'run.json'), JSON.stringify({ ...run, model: old }));
    const second = await explain();
    expect([second.code, second.stderr]).toEqual([
      0,
      expect.stringContaining(
        'assumed: the weights of demo-resnet are those of the existing results',
      ),
    ]);
    const assumed = 'the results of earlier starts were made with the same weights';
    expect(readRun(out)).toMatchObject({ model: { weights }, assumptions: [assumed] });
    // From now on the weights are known, and what was assumed stays written.
    const third = await explain();
    expect([third.code, third.stderr]).toEqual([0, expect.not.stringContaining('assumed')]);
    expect(readRun(out).assumptions).toEqual([assumed]);
    retrain();
    expect(await explain()).toMatchObject({ code: 64 });
  });
});
