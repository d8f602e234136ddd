import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const TIMEOUT = 240_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside of the repository, so that the imports resolve as a user's would.
const folder = mkdtempSync(path.join(root, 'tools/test/.readme-'));
const gradcam = path.join(root, 'packages/cli/bin/gradcam.mjs');

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

/** Runs the first JavaScript block of a package's README in a folder with a model, a scene and a run. */
function runReadme(name: string): string {
  const page = readFileSync(path.join(root, 'packages', name, 'README.md'), 'utf8');
  const [, code] = /```js\n([\s\S]*?)```/.exec(page)!;
  const program = path.join(folder, `${name}.mjs`);
  writeFileSync(program, code!);
  return run(program);
}

beforeAll(() => {
  mkdirSync(path.join(folder, 'demo/weights'), { recursive: true });
  cpSync(
    path.join(root, 'demo/weights/demo-resnet.tar.gz'),
    path.join(folder, 'demo/weights/demo-resnet.tar.gz'),
  );
  cpSync(path.join(root, 'demo/scenes/cat-and-dog.png'), path.join(folder, 'cat-and-dog.png'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The cat's box is in the scene's description, which the program that rendered it wrote. */
function expectInCat(x: number, y: number): void {
  const scenes = JSON.parse(readFileSync(path.join(root, 'demo/scenes/scenes.json'), 'utf8')) as {
    objects: { class: string; box: { x: number; y: number; width: number; height: number } }[];
  }[];
  const { box } = scenes[0]!.objects.find((one) => one.class === 'cat')!;
  expect(x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height).toBe(true);
}

describe("the packages' READMEs", () => {
  test('converter: writes a model folder', { timeout: TIMEOUT }, () => {
    // The net has 142 variables beside its two counters, as its model card says.
    expect(runReadme('converter')).toMatch(/models\/demo-resnet: 142 tensors\n$/);
    expect(existsSync(path.join(folder, 'models/demo-resnet/model.json'))).toBe(true);
  });

  test('core: writes an overlay of the size of the scene', { timeout: TIMEOUT }, async () => {
    const [, x, y] = /^cat: logit \d.*, strongest at (\d+), (\d+)\n$/.exec(runReadme('core'))!;
    expectInCat(Number(x), Number(y));
    const overlay = path.join(folder, 'cat.png');
    expect(await sharp(overlay).metadata()).toMatchObject({ width: 256, height: 256 });
    const [drawn, scene] = await Promise.all(
      [overlay, path.join(folder, 'cat-and-dog.png')].map((file) =>
        sharp(file).removeAlpha().raw().toBuffer(),
      ),
    );
    expect(drawn!.equals(scene!)).toBe(false);
  });

  test('runs: reads what the command wrote', { timeout: TIMEOUT }, () => {
    const out = ['--out', 'runs/first', '--quiet'];
    run(
      gradcam,
      'explain',
      'cat-and-dog.png',
      '--model',
      'models/demo-resnet',
      '--target',
      'cat',
      ...out,
    );
    const printed = runReadme('runs');
    expect(printed).toMatch(/^demo-resnet: 1 images\n/);
    const [, x, y] = /at (\d+), (\d+): images\/.*overlay\.png\n$/.exec(printed)!;
    expectInCat(Number(x), Number(y));
  });

  test('viewer: finds its pages', () => {
    expect(runReadme('viewer')).toContain("'index.html', 'live.html'");
  });
});
