import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  hasSharedData,
  makeTemporaryFolder,
  root,
  runCommand,
  sharedData,
  startCommand,
} from './run-command.ts';

interface Listing {
  readonly format: string;
  readonly tensors: readonly { name: string; dtype: string; shape: number[]; bytes: number }[];
}

async function inspectJson<T>(source: string): Promise<T> {
  const { code, stdout, stderr } = await runCommand(['inspect', source, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('weight files', () => {
  test('an archive with a V1 checkpoint', async () => {
    const source = path.join(root, 'demo/weights/demo-resnet.tar.gz');
    const { format, tensors } = await inspectJson<Listing>(source);
    expect(format).toBe('tf-checkpoint-v1');
    // 7 x 7 x 3 x 24 float32, as demo/architecture.json has it.
    expect(tensors.find(({ name }) => name === 'demo_resnet/conv1/weights')).toEqual({
      name: 'demo_resnet/conv1/weights',
      dtype: 'float32',
      shape: [7, 7, 3, 24],
      bytes: 7 * 7 * 3 * 24 * 4,
    });
  });

  test('a pickled .npy', async () => {
    const { format, tensors } = await inspectJson<Listing>(
      path.join(root, 'demo/weights/demo-vgg.npy'),
    );
    expect(format).toBe('npy-pickle');
    expect(tensors.find(({ name }) => name.startsWith('fc8'))?.shape).toEqual([96, 10]);
  });

  test.skipIf(!hasSharedData('expected_tensors.json'))('every file of the real data', async () => {
    const expected = JSON.parse(
      readFileSync(path.join(sharedData, 'expected_tensors.json'), 'utf8'),
    ) as Record<string, { tensors: Record<string, { dtype: string; shape: number[] }> }>;
    const sources = ['npy/mtcnn_det2.npy', 'checkpoints/v2/mtcnn_rnet/rnet-3000000'];
    for (const source of sources) {
      const [, { tensors: wanted }] = Object.entries(expected).find(([name]) =>
        name.startsWith(source),
      )!;
      const { tensors } = await inspectJson<Listing>(path.join(sharedData, source));
      expect(tensors).toHaveLength(Object.keys(wanted).length);
    }
  });
});

describe('models', () => {
  test('layers with endpoints, and the recommended one', async () => {
    const folder = makeTemporaryFolder();
    await runCommand(['fetch', 'demo-resnet', '--models', folder]);
    const { layers, defaultLayer } = await inspectJson<{
      defaultLayer: string;
      layers: {
        name: string;
        op: string;
        shape: number[];
        parameters: number;
        recommended: boolean;
      }[];
    }>(path.join(folder, 'demo-resnet'));
    expect(defaultLayer).toBe('block3');
    expect(layers.filter(({ recommended }) => recommended)).toEqual([
      expect.objectContaining({ name: 'block3/unit_3', op: 'relu', shape: [8, 8, 256] }),
    ]);
    // 7 x 7 x 3 x 24 without bias; in all with the moving statistics, which the model card leaves out.
    expect(layers.find(({ name }) => name === 'conv1/conv')?.parameters).toBe(3528);
    expect(layers.find(({ name }) => name === 'logits')?.parameters).toBe(256 * 10 + 10);
    expect(layers.find(({ name }) => name === 'pool1')).toMatchObject({
      op: 'maxPool',
      shape: [32, 32, 24],
    });
  });

  test('a model that is not there', async () => {
    const { code, stderr } = await runCommand(['inspect', 'no-such-model']);
    expect(code).toBe(66);
    expect(stderr).toContain("model 'no-such-model' is not a model folder");
  });
});

describe('an archive whose unpacking is interrupted', () => {
  /** A .gz that takes a while: 256 MiB, one sixteenth of it random, below the limit for bombs. */
  function writeSlowArchive(folder: string): string {
    const file = path.join(folder, 'slow.ckpt.gz');
    const block = Buffer.concat([randomBytes(2 ** 20), Buffer.alloc(15 * 2 ** 20)]);
    const member = gzipSync(block, { level: 1 });
    // Members of a gzip file follow each other.
    writeFileSync(file, Buffer.concat(Array.from({ length: 16 }, () => member)));
    return file;
  }

  /** Sends a signal when something is unpacked. */
  async function interrupt(archive: string, temporary: string, signal: NodeJS.Signals) {
    const { child, done } = startCommand(['inspect', archive], { env: { TMPDIR: temporary } });
    const isUnpacking = (): boolean =>
      (readdirSync(temporary, { recursive: true }) as string[]).some((n) =>
        n.endsWith('slow.ckpt'),
      );
    while (child.exitCode === null && !isUnpacking()) await sleep(2);
    child.kill(signal);
    return done;
  }

  test('leaves nothing: SIGTERM, exit code 143; after a kill the next one clears away', async () => {
    const folder = makeTemporaryFolder();
    const temporary = path.join(folder, 'tmp');
    mkdirSync(temporary);
    mkdirSync(path.join(temporary, 'gradcam-inspect-photos'));
    const archive = writeSlowArchive(folder);
    const terminated = await interrupt(archive, temporary, 'SIGTERM');
    expect([terminated.code, terminated.stderr]).toEqual([143, 'gradcam: stopping\n']);
    expect(readdirSync(temporary)).toEqual(['gradcam-inspect-photos']);
    expect((await interrupt(archive, temporary, 'SIGKILL')).code).toBeNull();
    expect(readdirSync(temporary)).toHaveLength(2);
    const source = path.join(root, 'demo/weights/demo-resnet.tar.gz');
    const { code } = await startCommand(['inspect', source], { env: { TMPDIR: temporary } }).done;
    expect(code).toBe(0);
    expect(readdirSync(temporary)).toEqual(['gradcam-inspect-photos']);
  });
});
