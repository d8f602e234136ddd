// @ts-check
/**
 * Writes the docs' pictures of the viewer's pages: runs of the demo nets, explained here by the built
 * command, in the system's Chromium.
 *
 * Usage: npm run build && node tools/docs/write-screenshots.mjs [folder]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(root, 'docs/images/viewer'));
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(path.join(tmpdir(), 'gradcam-screenshots-'));
const models = path.join(work, 'models');
const nets = ['demo-resnet', 'demo-vgg'];
const wordNets = ['demo-vqa', 'demo-caption'];

/** @param {string[]} args */
const gradcam = (...args) => execFileSync(process.execPath, [command, ...args], { cwd: root });

const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const scene = encodeURIComponent('demo/scenes/cat-and-dog.png');
const question = encodeURIComponent('what is left of the dog?');
const views = [
  { name: 'grid', page: '', size: desktop, ready: '.card img' },
  { name: 'map', page: `#image=${scene}`, size: desktop, ready: '.stage canvas' },
  { name: 'matrix', page: `#image=${scene}&sheet=matrix`, size: desktop, ready: '.matrix canvas' },
  { name: 'swipe', page: `#image=${scene}&compare=swipe`, size: desktop, ready: '.swipe-names' },
  {
    name: 'difference',
    page: `#image=${scene}&compare=difference`,
    size: desktop,
    ready: '.difference-names',
  },
  {
    name: 'live',
    page: 'live.html#sample=cat-and-dog',
    size: desktop,
    ready: '.live-figure canvas',
  },
  {
    name: 'live-question',
    page: `live.html#model=demo-vqa&sample=cat-and-dog&ask=${question}`,
    size: desktop,
    ready: '.live-figure canvas',
  },
  {
    name: 'live-caption',
    page: 'live.html#model=demo-caption&sample=parade',
    size: desktop,
    ready: '.live-figure canvas',
  },
  { name: 'evaluation', page: 'evaluation.html', size: desktop, ready: '.curve' },
  { name: 'grid-phone', page: '', size: phone, ready: '.card img' },
  { name: 'map-phone', page: `#image=${scene}`, size: phone, ready: '.stage canvas' },
  {
    name: 'live-phone',
    page: 'live.html#sample=cat-and-dog',
    size: phone,
    ready: '.live-figure canvas',
  },
];

try {
  gradcam('fetch', ...nets, ...wordNets, '--models', models, '--quiet');
  const request = [
    '--target',
    'cat',
    '--target',
    'dog',
    '--method',
    'grad-cam,layer-cam',
    '--quiet',
  ];
  for (const net of nets) {
    const run = path.join(work, net);
    gradcam('explain', 'demo/scenes', '--model', net, '--models', models, '--out', run, ...request);
  }
  const [evaluated = ''] = nets.map((net) => path.join(work, net));
  gradcam(
    ...['evaluate', evaluated, '--model', 'demo-resnet', '--models', models, '--quiet'],
    ...['--metric', 'deletion,insertion,road,sparseness'],
  );
  const [own, other] = nets.map((net) => path.join(work, net));
  const server = spawn(process.execPath, [
    command,
    ...['view', String(own), '--against', String(other), '--models', models],
  ]);
  const url = await new Promise((resolve) =>
    server.stdout.once('data', (/** @type {Buffer} */ line) => resolve(line.toString().trim())),
  );
  const browser = await chromium.launch({
    executablePath: process.env['GRADCAM_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    for (const view of views) {
      const page = await browser.newPage({ viewport: view.size, colorScheme });
      await page.goto(`${url}${view.page}`);
      await page.locator(view.ready).first().waitFor();
      // Waits until the pictures are decoded and a live map is drawn, which happens after their places
      // appear.
      await page.waitForTimeout(view.page.startsWith('live') ? 8000 : 1500);
      const picture = await page.screenshot();
      await sharp(picture)
        .webp({ quality: 85, effort: 6 })
        .toFile(path.join(folder, `${view.name}-${colorScheme}.webp`));
      await page.close();
    }
  }
  await browser.close();
  server.kill();
} finally {
  rmSync(work, { recursive: true, force: true });
}
