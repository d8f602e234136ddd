import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDocument } from '../src/commands/view/report/write-report.ts';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

const chromiumPath = [
  process.env['GRADCAM_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((candidate) => candidate !== undefined && candidate !== '' && existsSync(candidate));
const isSkipped = chromiumPath === undefined && process.env['CI'] !== 'true';
if (isSkipped) {
  console.warn(
    'report page test skipped: no Chromium found; get it with: apt-get install chromium',
  );
}

/** A run of a scene and of a file that is no image. */
async function explainScene(folder: string): Promise<string> {
  const broken = path.join(folder, 'broken.png');
  await writeFile(broken, 'not a picture');
  const run = path.join(folder, 'run');
  const scene = path.join(folder, 'cat-and-dog.png');
  await copyFile(path.join(root, 'demo/scenes/cat-and-dog.png'), scene);
  const flags = ['--model', 'demo-resnet', '--models', path.join(folder, 'models'), '--out', run];
  const fetched = await runCommand([
    'fetch',
    'demo-resnet',
    '--models',
    path.join(folder, 'models'),
    '--no-probe',
  ]);
  expect(fetched.code, fetched.stderr).toBe(0);
  const targets = ['--target', 'cat', '--target', 'dog'];
  const explained = await runCommand(['explain', scene, broken, ...flags, ...targets]);
  expect(explained.code, explained.stderr).toBe(1);
  return run;
}

describe('gradcam view --export', { timeout: 120_000 }, () => {
  test('writes the chosen images, and nothing from outside of the run', async () => {
    const folder = makeTemporaryFolder();
    const run = await explainScene(folder);
    const secret = path.join(folder, 'secret.txt');
    await writeFile(secret, 'c2VjcmV0LXdvcmRz secret-words');
    // A results file from elsewhere that wants other files to be passed on: by path and by link.
    const results = path.join(run, 'results.jsonl');
    const [line] = (await readFile(results, 'utf8')).split('\n') as [string];
    await mkdir(path.join(run, 'images/x'), { recursive: true });
    await symlink(secret, path.join(run, 'images/x/link.png'));
    const hostile = JSON.parse(line) as { image: string; explanations: { files: object }[] };
    hostile.image = 'hostile </script><script>alert(1)</script>.png';
    const target = path.join(folder, 'report.html');
    hostile.explanations[0]!.files = { overlay: '../secret.txt' };
    await writeFile(results, `${line}\n${JSON.stringify(hostile)}\n`);
    const outside = await runCommand(['view', run, '--export', target]);
    expect([outside.code, outside.stderr]).toEqual([
      65,
      expect.stringContaining('line 2 is not a result: explanations[0].files.overlay: expected'),
    ]);
    hostile.explanations[0]!.files = { overlay: 'images/x/gone.png', heatmap: 'images/x/link.png' };
    await writeFile(results, `${line}\n${JSON.stringify(hostile)}\n`);

    const all = await runCommand(['view', run, '--export', target]);
    expect(all.code, all.stderr).toBe(0);
    expect(all.stdout).toBe(`${target}\n`);
    expect(all.stderr).toContain(
      'left out, since these files are not in the run folder: images/x/gone.png, images/x/link.png',
    );
    const html = await readFile(target, 'utf8');
    expect(html).not.toContain(Buffer.from('secret-words').toString('base64').slice(0, 12));
    expect(html).not.toContain('<script>alert');
    expect(html.match(/<script/g)).toHaveLength(2);

    const few = await runCommand([
      'view',
      run,
      '--export',
      target,
      '--images',
      'HOSTILE',
      '--limit',
      '1',
    ]);
    expect(few.code, few.stderr).toBe(0);
    expect(few.stderr).toContain('1 image, ');
    const none = await runCommand(['view', run, '--export', target, '--images', 'zebra']);
    expect([none.code, none.stdout]).toEqual([66, '']);
    expect(none.stderr).toContain("no image matches 'zebra' (of 2)");
    for (const flag of [
      ['--export', target],
      ['--against', run],
    ]) {
      const without = await runCommand(['view', ...flag]);
      expect([without.code, without.stderr]).toEqual([64, expect.stringContaining('needs a run')]);
    }
    const two = await runCommand(['view', run, '--against', run, '--export', target]);
    expect([two.code, two.stderr]).toEqual([64, expect.stringContaining('writes one run')]);
    const absent = await runCommand(['view', run, '--against', path.join(folder, 'models')]);
    expect([absent.code, absent.stderr]).toEqual([66, expect.stringContaining('no run here')]);
    const wrong = await runCommand(['view', run, '--export', target, '--limit', '0']);
    expect(wrong.code).toBe(64);
    const served = await runCommand(['view', run, '--images', 'cat']);
    expect([served.code, served.stderr]).toEqual([64, expect.stringContaining('--export')]);
    const nowhere = await runCommand([
      'view',
      run,
      '--export',
      path.join(folder, 'no/report.html'),
    ]);
    expect(nowhere.code).toBe(74);
    expect((await readdir(folder)).sort()).toEqual([
      'broken.png',
      'cat-and-dog.png',
      'models',
      'report.html',
      'run',
      'secret.txt',
    ]);
  });

  describe.skipIf(isSkipped)('in Chromium', () => {
    let context: BrowserContext;
    let folder: string;

    beforeAll(async () => {
      if (chromiumPath === undefined) {
        throw new Error('no Chromium found; get it with: apt-get install chromium');
      }
      folder = await mkdtemp(path.join(tmpdir(), 'gradcam-report-'));
      context = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
        executablePath: chromiumPath,
        headless: true,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--no-first-run',
        ],
      });
    }, 60_000);

    afterAll(async () => {
      await context?.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    });

    test('opens from a disk, draws maps anew, and asks for nothing else', async () => {
      const own = makeTemporaryFolder();
      const run = await explainScene(own);
      const target = path.join(own, 'report.html');
      const exported = await runCommand(['view', run, '--export', target]);
      expect(exported.code, exported.stderr).toBe(0);

      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) faults.push(message.text());
      });
      const address = pathToFileURL(target).href;
      page.on('request', (request) => {
        const isOwn = request.url() === address || /^(blob|data):/.test(request.url());
        if (!isOwn) faults.push(`request to ${request.url()}`);
      });
      await page.goto(address);
      await expect
        .poll(() => page.locator('.card-name').allTextContents())
        .toEqual(['cat-and-dog.png', 'broken.png']);
      const width = (): Promise<number> =>
        page
          .locator('.card img')
          .first()
          .evaluate((image) => (image as HTMLImageElement).naturalWidth);
      await expect.poll(width).toBeGreaterThan(200);
      await page.locator('.card button.map-button').nth(1).click();
      await page.locator('.stage canvas').waitFor();
      const pixels = (): Promise<string> =>
        page
          .locator('.stage canvas')
          .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      const before = await pixels();
      await page.getByRole('slider', { name: 'Threshold', exact: true }).fill('0.5');
      await expect.poll(pixels).not.toBe(before);
      expect(page.url()).toContain('#');
      await page.reload();
      await page.locator('.stage canvas').waitFor();
      expect(faults).toEqual([]);
      await page.close();
    });
  });
});

test('a file that changes between its measuring and its reading is no part of a report', async () => {
  const folder = makeTemporaryFolder();
  const file = path.join(folder, 'map.npy');
  const target = path.join(folder, 'report.html');
  const parts = {
    ...{ title: 'a', texts: {} },
    format: 'kept' as const,
    script: '',
    style: '',
  };
  for (const [now, found] of [
    ['', 'it has 0 now'],
    ['longer than it was', 'it has 18 now'],
  ] as const) {
    await writeFile(file, now);
    const files = [{ path: 'images/a/map.npy', file, bytes: 5 }];
    await expect(writeDocument(target, { ...parts, files })).rejects.toThrow(
      `${file}: had 5 bytes a moment ago, and ${found}`,
    );
    expect(existsSync(target)).toBe(false);
  }
});
