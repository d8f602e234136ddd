import { describeModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { demoScenes, noteDemo } from '../src/commands/explain/note-demo.ts';
import { models, scenes } from './run/demo-run.ts';
import { makeTemporaryFolder } from './run-command.ts';

const pictures = readdirSync(scenes).filter((name) => name.endsWith('.png'));

/** What is printed before images are explained with the demo net. */
async function noted(images: readonly string[]): Promise<string[]> {
  const model = await describeModel(openModelFolder(path.join(models, 'demo-resnet')));
  const lines: string[] = [];
  await noteDemo(model, images, { note: (line) => void lines.push(line) });
  return lines;
}

test('the digests are those of the scenes', () => {
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(path.join(scenes, name)))
      .digest('hex');
  expect(Object.fromEntries(pictures.map((name) => [name, digest(name)]))).toEqual(demoScenes);
});

test("the demo's own scenes need no warning, wherever they lie", async () => {
  expect(await noted(pictures.map((name) => path.join(scenes, name)))).toEqual([]);
  const copy = path.join(makeTemporaryFolder(), 'street.png');
  copyFileSync(path.join(scenes, 'street.png'), copy);
  expect(await noted([copy])).toEqual([]);
});

test.each([
  ['another name', 'photo.png'],
  ['the name of another scene', 'garden.png'],
])('one picture under %s is enough for the warning', async (_, name) => {
  const other = path.join(makeTemporaryFolder(), name);
  copyFileSync(path.join(scenes, 'street.png'), other);
  const [line, ...more] = await noted([path.join(scenes, 'street.png'), other]);
  expect(line).toMatch(/^demo-resnet was trained on drawings of ten things, .*photos mean little/);
  expect(more).toEqual([]);
});
