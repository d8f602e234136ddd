import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTfjsNode } from '../../src/node/tfjs-node.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { createEngine, tfjsNodeFolder } from '../helper/engines.ts';

if (tfjsNodeFolder === undefined) {
  process.stderr.write(
    'skipped on tfjs-node: set GRADCAM_TFJS_NODE to a folder with @tensorflow/tfjs-node installed\n',
  );
}

function isInstalledHere(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('TensorFlow’s library', () => {
  test.skipIf(isInstalledHere('@tensorflow/tfjs-node')).each([
    [false, '@tensorflow/tfjs-node'],
    [true, '@tensorflow/tfjs-node-gpu'],
  ])('that is not installed is an error with the command (gpu %s)', async (gpu, name) => {
    const empty = await mkdtemp(path.join(tmpdir(), 'gradcam-empty-'));
    await expect(loadTfjsNode({ gpu, from: empty })).rejects.toMatchObject({
      kind: 'engine',
      message: expect.stringContaining(`run: npm install ${name}@4.22.0`),
    });
    await rm(empty, { recursive: true });
  });

  test.skipIf(tfjsNodeFolder !== undefined)(
    'that is not loaded is an error that says how',
    async () => {
      await expect(createTfjsEngine({ backend: 'node' })).rejects.toMatchObject({
        kind: 'engine',
        message: expect.stringContaining('loadTfjsNode()'),
      });
    },
  );

  test.skipIf(tfjsNodeFolder === undefined)('gives an engine', async () => {
    await expect(createEngine('node')).resolves.toMatchObject({ name: 'tfjs-node' });
  });
});
