import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const scenes = path.join(root, 'demo/scenes');

/** Flags of a run that works, to which each test adds its fault. */
function goodFlags(out: string): string[] {
  return ['--model', 'demo-resnet', '--models', models, '--out', out];
}

describe('wrong requests', () => {
  const scene = path.join(scenes, 'cat-and-dog.png');

  test.each([
    ['an unknown class', ['--target', 'dogg'], 64, /no class 'dogg'; near: dog/],
    ['a class out of range', ['--target', '10'], 64, /class 10 is not in 0..9/],
    ['an unknown layer', ['--layer', 'block9'], 64, /no layer 'block9'; did you mean .*block/],
    ['a layer without an image', ['--layer', 'logits'], 64, /needs \[height, width, channels\]/],
    [
      'an unknown method',
      ['--method', 'grad-cm'],
      64,
      /no method 'grad-cm'; did you mean grad-cam/,
    ],
    ['an unknown colormap', ['--colormap', 'rainbow'], 64, /--colormap takes turbo, jet/],
    ['an alpha out of range', ['--alpha', '1.5'], 64, /--alpha takes a number from 0 to 1/],
    ['an unknown engine', ['--engine', 'abacus'], 64, /--engine takes auto, onnx, wasm, cpu/],
    [
      'a labels file that is absent',
      ['--labels', 'nowhere.txt'],
      66,
      /nowhere.txt: cannot be read/,
    ],
    [
      'a text of other lines as labels',
      ['--labels', path.join(root, 'LICENSE')],
      64,
      /expected 10 names, one for each class of the model, found 2\d$/m,
    ],
    ['a std of zero', ['--std', '0,1,1'], 64, /--std takes numbers above 0; got '0,1,1'/],
    [
      'an unknown flag',
      ['--colour', 'red'],
      64,
      /unknown option '--colour'\n\(gradcam explain --help shows what it takes\)$/m,
    ],
    ['as many threads as gigabytes', ['--threads', '100000'], 64, /a whole number from 1 to 1024;/],
    [
      'a number that is not in digits',
      ['--runs', '1e3'],
      64,
      /--runs takes a whole number from 1;/,
    ],
    ['a value of nothing', ['--labels', ''], 64, /^gradcam: --labels is empty: ''/],
    ['an argument of nothing', [''], 64, /^gradcam: an argument is empty: ''/],
  ])('%s', async (_, flags, exitCode, message) => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const { code, stdout, stderr } = await runCommand([
      ...['explain', scene, ...goodFlags(out), ...flags],
    ]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect([code, stdout]).toEqual([exitCode, '']);
  });

  test('an image and a model that are not there', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const image = await runCommand(['explain', 'nothing.png', ...goodFlags(out)]);
    expect(image).toMatchObject({
      code: 66,
      stderr: 'gradcam: nothing.png: no such file or folder\n',
    });

    const model = await runCommand([
      ...['explain', scenes, '--model', 'resnet_v1_50', '--models', out, '--out', out],
    ]);
    expect(model.code).toBe(66);
    // The command as it can be typed, into the folder that was asked for.
    expect(model.stderr).toContain(`get it with: npx gradcam fetch resnet_v1_50 --models ${out}\n`);
  });

  test('a folder that already holds a run is left alone', async () => {
    const out = makeTemporaryFolder();
    writeFileSync(path.join(out, 'results.jsonl'), 'mine');
    const { code } = await runCommand(['explain', scene, ...goodFlags(out)]);
    expect(code).toBe(73);
    expect(readFileSync(path.join(out, 'results.jsonl'), 'utf8')).toBe('mine');
  });
});

test('one broken image is named, the others are done', async () => {
  const folder = makeTemporaryFolder();
  const out = path.join(folder, 'run');
  await sharp(path.join(scenes, 'cat-and-dog.png')).toFile(path.join(folder, 'a.png'));
  writeFileSync(path.join(folder, 'b.png'), 'not an image');
  writeFileSync(path.join(folder, 'c.png'), '');
  const { code, stdout, stderr } = await runCommand([
    'explain',
    folder,
    ...goodFlags(out),
    '--json',
  ]);
  expect(code).toBe(1);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ image }) => path.basename(image as string))).toEqual([
    'a.png',
    'b.png',
    'c.png',
  ]);
  expect(lines[0]).toHaveProperty('explanations');
  expect(lines[1]!['error']).toMatch(/b.png: not an image that can be decoded/);
  expect(lines[2]!['error']).toMatch(/c.png: the file is empty/);
  expect(stderr).toMatch(/b.png: not an image/);
  // What is printed is what is stored.
  expect(readFileSync(path.join(out, 'results.jsonl'), 'utf8')).toBe(stdout);
});
