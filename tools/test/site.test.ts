import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import npyjs from 'npyjs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as core from '@gradcam/core';
import * as browser from '@gradcam/core/browser';
import * as evidence from '@gradcam/core/evidence';
import * as node from '@gradcam/core/node';
import {
  launchChromium,
  skipWithoutChromium,
} from '../../packages/core/test/browser/helper/chromium.ts';
import { checkLinks } from '../site/check-links.mjs';
import { escapeHtml, slugOf } from '../site/markdown.mjs';
import { home, sections } from '../site/site-map.mjs';
import { serveFolders } from './serve-root.ts';
import { dropImage, findAxeFaults, watchPage } from './site-pages.ts';

/** Entries of the packages, by their page. */
const entries = { core, 'core-node': node, 'core-browser': browser, 'core-evidence': evidence };

/** Of a map's largest value; two right float32 engines differ by about 1e-6. */
const TOLERANCE = 1e-4;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-site-'));
const site = path.join(folder, 'under/a/path');

/** Grad-CAM of a scene by TensorFlow in float64. */
const { gradCam: expected } = (
  JSON.parse(readFileSync(path.join(root, 'demo/expected.json'), 'utf8')) as {
    'demo-resnet': {
      scenes: { file: string; gradCam: { class: string; grid: number[]; raw: number[] }[] }[];
    };
  }
)['demo-resnet'].scenes.find(({ file }) => file === 'cat-and-dog-128.png')!;

async function untilExplained(page: Page, name: RegExp): Promise<void> {
  await page.locator('.live-figure').getByRole('img', { name }).waitFor();
  await page.locator('.work').waitFor({ state: 'detached' });
}

beforeAll(() => {
  const build = path.join(root, 'tools/site/build-site.mjs');
  execFileSync(process.execPath, [build, site], { stdio: 'pipe' });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the site of the documentation', () => {
  test('has every page of docs/', () => {
    const mapped = [home, ...sections.flatMap(({ pages }) => pages)].map(({ source }) => source);
    const docs = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md'),
    );
    expect(docs.filter((name) => !mapped.includes(`docs/${name}`))).toEqual([]);
  });

  test('has no link that leads nowhere', () => {
    const { broken, checked } = checkLinks(site);
    expect(broken).toEqual([]);
    expect(checked).toBeGreaterThan(1000);
  });
});

describe('the page of a method', () => {
  test.each(core.methods.map(({ name, title }) => [name, title]))('%s', (name, title) => {
    const page = readFileSync(path.join(site, `methods/${name}.html`), 'utf8');
    expect(page).toContain(`<h1 id="${slugOf(title)}">${escapeHtml(title)}</h1>`);
    expect(page).toContain(`src="../images/methods/${name}.webp"`);
    expect(page).toMatch(/<p class="formula">[^<]+/);
    expect(page).toMatch(/id="cost">[\s\S]*On <code>demo-resnet<\/code>, for one target: \d+ \w/);
    expect(page).toMatch(/id="evidence">[\s\S]*<p>Correct\? \w[\s\S]*<p>Useful\? \w/);
  });

  test('has the figures of docs/evidence.md beside those of the baselines', () => {
    const page = readFileSync(path.join(site, 'methods/score-cam.html'), 'utf8');
    // Typed off the page: Score-CAM on demo-resnet, and the blob in the centre on photos.
    for (const cell of ['0.954 [0.942, 0.965]', '0.095 [0.039, 0.168]']) {
      expect(page).toContain(`<td>${cell}</td>`);
    }
  });
});

test.each(Object.entries(entries))(
  'the page of %s has every export with its text',
  (name, entry) => {
    const page = readFileSync(path.join(site, `api/${name}.html`), 'utf8');
    const sections = page.split('<h3 id="').slice(1);
    const texts = new Map(
      sections.map((text) => [/>([^ ]+) <a class="anchor"/.exec(text)![1], text]),
    );
    const missing = Object.keys(entry).filter((own) => !/<\/h3>\s*<p>/.test(texts.get(own) ?? ''));
    expect(missing).toEqual([]);
  },
);

describe.skipIf(skipWithoutChromium())('in Chromium', { timeout: 120_000 }, () => {
  let chromium: Browser;
  let server: Awaited<ReturnType<typeof serveFolders>>;
  beforeAll(async () => {
    // A plain server of files, with the site somewhere below its root.
    server = await serveFolders({ '': folder });
    chromium = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    server?.close();
  });

  // Pages that look differently from each other, half of them in each dress: axe takes seconds for a page.
  test.each([
    ['light', 1440, ['methods/index.html', 'your-model/pytorch.html']],
    ['dark', 390, ['index.html', 'methods/score-cam.html']],
  ] as const)(
    'pages are accessible and not too wide: %s, %i',
    async (colorScheme, width, looks) => {
      const page = await chromium.newPage({ colorScheme, viewport: { width, height: 900 } });
      const faults = watchPage(page, server.url);
      for (const look of looks) {
        await page.goto(`${server.url}/under/a/path/${look}`);
        expect([look, ...(await findAxeFaults(page))]).toEqual([look]);
        const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        expect(isWide, look).toBe(false);
      }
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  test.each([
    ['from a server', () => `${server.url}/under/a/path/`],
    ['from a disk, without a network', () => `${pathToFileURL(site)}/`],
  ])('the search finds a section, %s', async (_, start) => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    const faults = watchPage(page, start());
    await page.goto(`${start()}trust/verification.html`);
    await context.setOffline(start().startsWith('file:'));
    await page.keyboard.press('/');
    await page.keyboard.type('rise masks');
    await page.getByRole('list', { name: 'Results' }).getByRole('link').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${start()}methods/rise.html**`);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('the live page explains a picture as TensorFlow does, from files alone', async () => {
    const page = await chromium.newPage();
    const faults = watchPage(page, server.url);
    await page.goto(`${server.url}/under/a/path/methods/grad-cam.html`);
    await page.getByRole('link', { name: 'Try it live' }).click();
    await untilExplained(page, /^cat-and-dog.png: /);
    await page.goto(`${server.url}/under/a/path/live/index.html#model=demo-resnet`);
    await dropImage(page, 'small.png', path.join(root, 'demo/scenes/cat-and-dog-128.png'));
    for (const { class: label, grid, raw } of expected) {
      await page.getByLabel('Target').fill(label);
      await page.getByLabel('Target').press('Enter');
      await untilExplained(page, new RegExp(`^small.png: .* for ${label}$`));
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save raw map' }).click();
      const bytes = Uint8Array.from(readFileSync(await (await saved).path()));
      const { data, shape } = new npyjs().parse(bytes.buffer);
      const found = data as Float32Array;
      expect(shape).toEqual(grid);
      const largest = Math.max(...raw.map(Math.abs));
      const errors = raw.map((value, i) => Math.abs(value - found[i]!) / largest);
      expect(Math.max(...errors)).toBeLessThan(TOLERANCE);
    }
    await page.getByRole('link', { name: 'Documentation' }).click();
    await page.waitForURL(`${server.url}/under/a/path/index.html`);
    expect(faults).toEqual([]);
  });
});

test('the check of links finds files and anchors that are missing', () => {
  const own = path.join(folder, 'own/a');
  mkdirSync(own, { recursive: true });
  const links = ['b.html', 'b.html#here', '#there', '../c.html', 'b.html#gone', '/own/a/b.html'];
  const anchors = links.map((link) => `<a href="${link}">x</a>`).join('');
  writeFileSync(path.join(own, 'a.html'), `<h1 id="there">x</h1>${anchors}`);
  writeFileSync(path.join(own, 'b.html'), '<h2 id="here">x</h2><img src="gone.png">');
  const { broken } = checkLinks(path.join(folder, 'own'));
  expect(broken.sort()).toEqual([
    'a/a.html: ../c.html',
    'a/a.html: /own/a/b.html',
    'a/a.html: b.html#gone',
    'a/b.html: gone.png',
  ]);
});
