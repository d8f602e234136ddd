// @ts-check
/**
 * How fast the page of a run of 10,000 images opens, scrolls and filters, in the system's Chromium, from
 * the built command's own server:
 *
 *     node tools/bench/trace-viewer.mjs [--images 10000 | --run <folder>] [--rounds 7] [--json <file>]
 *
 * Each round measures the milliseconds until the first map of the grid is decoded. Then the wheel scrolls
 * 4,000 pixels down like a user who looks at the pictures, 42,000 pixels like one in a hurry, and a filter is
 * typed. For each of these three the round records the longest time between two frames as the page sees it,
 * the number of frames that took more than 50 ms, and the longest task of the page's main thread, in
 * wall-clock time and in CPU time (which other work on the machine does not lengthen). The best round shows
 * what the page can do, and the median shows what a machine under that load does.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { writeSyntheticRun } from './synthetic-run.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '10000' },
    run: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'string' },
  },
});
const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));

/**
 * @typedef {{ longestFrame: number, longFrames: number, frames: number, task: number, taskCpu:
 * number }} Smoothness
 */
/**
 * @typedef {{ open: number, look: Smoothness, scroll: Smoothness, filter: Smoothness, load: number
 * }} Round
 */

/**
 * The steps of the mouse wheel, the pixels of each step and the milliseconds between steps: first for a user
 * who looks at the pictures, then for one in a hurry.
 */
const LOOK = { steps: 40, pixels: 100, pause: 50 };
const RUSH = { steps: 60, pixels: 700, pause: 25 };
const PARTS = /** @type {const} */ (['look', 'scroll', 'filter']);
const LONG_FRAME_MS = 50;

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-trace-'));
try {
  const run = values.run ?? path.join(folder, 'run');
  if (values.run === undefined) await writeSyntheticRun(run, Number(values.images));
  const server = spawn(process.execPath, [command, 'view', run], {
    env: { ...process.env, XDG_CACHE_HOME: path.join(folder, 'cache') },
  });
  const url = await new Promise((resolve) =>
    server.stdout.once('data', (/** @type {Buffer} */ line) => resolve(String(line).trim())),
  );
  const browser = await chromium.launch({
    executablePath: process.env['GRADCAM_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  /** @type {Round[]} */
  const rounds = [];
  for (let i = 0; i < Number(values.rounds); i++) rounds.push(await measure(browser, url));
  const version = browser.version();
  await browser.close();
  server.kill();
  report(rounds, version);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Measures one visit, in a browser context that has stored nothing yet.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @returns {Promise<Round>}
 */
async function measure(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url, { waitUntil: 'commit' });
  const open = await page.evaluate(
    () =>
      /** @type {Promise<number>} */ (
        new Promise((resolve) => {
          const look = () => {
            const isShown = document.querySelector('.card img[data-decoded]') !== null;
            // `performance.now()` counts from the start of the navigation.
            requestAnimationFrame(isShown ? () => resolve(performance.now()) : look);
          };
          look();
        })
      ),
  );
  // Users do not scroll within the first second after a page has appeared.
  await page.waitForTimeout(1000);
  await page.mouse.move(640, 500);
  const look = await watch(browser, page, () => turnWheel(page, LOOK));
  const scroll = await watch(browser, page, () => turnWheel(page, RUSH));
  await page.evaluate(() => scrollTo(0, 0));
  const filter = await watch(browser, page, async () => {
    await page.getByRole('searchbox').pressSequentially('dog 0123', { delay: 30 });
    await page.waitForTimeout(300);
  });
  await page.close();
  return { open, look, scroll, filter, load: loadavg()[0] ?? NaN };
}

/**
 * @param {import('playwright-core').Page} page
 * @param {{ steps: number, pixels: number, pause: number }} turn
 */
async function turnWheel(page, { steps, pixels, pause }) {
  for (let i = 0; i < steps; i++) {
    await page.mouse.wheel(0, pixels);
    await page.waitForTimeout(pause);
  }
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<void>} act
 * @returns {Promise<Smoothness>}
 */
async function watch(browser, page, act) {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await page.evaluate(() => {
    const frames = /** @type {number[]} */ ([]);
    let last = performance.now();
    const note = () => {
      const now = performance.now();
      frames.push(now - last);
      last = now;
      Object.assign(globalThis, { nextFrame: requestAnimationFrame(note), frames });
    };
    requestAnimationFrame(note);
  });
  await act();
  const frames = await page.evaluate(() => {
    const noted = /** @type {{ frames: number[], nextFrame: number }} */ (
      /** @type {unknown} */ (globalThis)
    );
    cancelAnimationFrame(noted.nextFrame);
    return noted.frames;
  });
  /**
   * @type {{ name: string, pid: number, tid: number, dur?: number, tdur?: number, args?: { name?:
   * string } }[]}
   */
  const events = JSON.parse(String(await browser.stopTracing())).traceEvents;
  const mains = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const tasks = events.filter(
    ({ name, pid, tid }) =>
      name === 'ThreadControllerImpl::RunTask' &&
      mains.some((main) => main.pid === pid && main.tid === tid),
  );
  return {
    longestFrame: Math.max(...frames),
    longFrames: frames.filter((ms) => ms > LONG_FRAME_MS).length,
    frames: frames.length,
    task: Math.max(...tasks.map(({ dur = 0 }) => dur)) / 1000,
    taskCpu: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000,
  };
}

/**
 * @param {Round[]} rounds
 * @param {string} chromiumVersion
 */
function report(rounds, chromiumVersion) {
  const columns = /** @type {[string, (round: Round) => number][]} */ ([
    ['open: first map decoded, ms', ({ open }) => open],
    ...PARTS.flatMap((part) => {
      const of = (/** @type {Round} */ round) => round[part];
      return [
        [`${part}: longest frame, ms`, (/** @type {Round} */ round) => of(round).longestFrame],
        [`${part}: frames over 50 ms`, (/** @type {Round} */ round) => of(round).longFrames],
        [`${part}: longest task, ms`, (/** @type {Round} */ round) => of(round).task],
        [`${part}: the same, CPU ms`, (/** @type {Round} */ round) => of(round).taskCpu],
      ];
    }),
    ['load of the machine', ({ load }) => load],
  ]);
  const text = (/** @type {number} */ value) =>
    Number.isInteger(value) ? String(value) : value.toFixed(1);
  console.log(
    `${values.images} images, ${rounds.length} rounds, Chromium ${chromiumVersion}, ${cpus().length} cores (${cpus()[0]?.model})`,
  );
  console.log(
    `${'what'.padEnd(32)}${'best'.padStart(9)}${'median'.padStart(9)}${'worst'.padStart(9)}`,
  );
  for (const [name, read] of columns) {
    const sorted = rounds.map(read).sort((a, b) => a - b);
    const [best = NaN, median = NaN, worst = NaN] = [
      sorted[0],
      sorted[sorted.length >> 1],
      sorted.at(-1),
    ];
    console.log(
      name.padEnd(32) + [best, median, worst].map((one) => text(one).padStart(9)).join(''),
    );
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rounds, null, 2)}\n`);
}
