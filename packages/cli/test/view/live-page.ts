import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserContext, type Page } from 'playwright-core';
import npyjs from 'npyjs';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';
import { models as demoNets } from '../demo-nets.ts';
import { root, runCommand } from '../run-command.ts';
import { builtPage, openBrowser } from './open-browser.ts';

/** The live page on the command's own server, in a browser, with a folder of models. */
export interface LiveSite {
  readonly url: string;
  readonly folder: string;
  /** Holds the demo nets; a test may put more there. */
  readonly models: string;
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export const nets = ['demo-resnet', 'demo-vgg'] as const;

/** A scene of the demo. */
export function scenePath(name: string): string {
  return path.join(root, 'demo/scenes', name);
}

/** Copies the demo nets, starts server and browser. */
export async function openLiveSite(): Promise<LiveSite> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gradcam-live-'));
  const models = path.join(folder, 'models');
  await cp(demoNets, models, { recursive: true });
  const server: RunServer = await serveRun({ models: [models], page: builtPage });
  const context = await openBrowser(path.join(folder, 'profile'));
  const close = async (): Promise<void> => {
    await context.close();
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  return { url: server.url, folder, models, context, close };
}

/**
 * Chromium's own notes on the graphics card that it has to imitate in software, and on reading back
 * from it: of this machine, not of the page.
 */
const graphicsNote = /GroupMarkerNotSet|GPU stall due to ReadPixels|software WebGL/;

/** Collects what the page must not do: errors, warnings, answers that are none, requests to others. */
function watchFaults(page: Page, url: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    const isFault = ['error', 'warning'].includes(message.type());
    if (isFault && !graphicsNote.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(url) || /^(blob|data):/.test(request.url());
    if (!isOwn) faults.push(`request to ${request.url()}`);
    if (!['GET', 'HEAD'].includes(request.method())) faults.push(`${request.method()} request`);
  });
  return faults;
}

/** Drops a file on the page, as a hand does. */
export async function dropFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await dropFiles(page, { [name]: bytes });
}

/** Drops files by their names, all at once. */
export async function dropFiles(
  page: Page,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const encoded = Object.entries(files).map(
    ([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const,
  );
  await page.evaluate((given) => {
    const transfer = new DataTransfer();
    for (const [name, text] of given) {
      const content = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([content], name));
    }
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true } as const;
    document.body.dispatchEvent(new DragEvent('dragover', options));
    document.body.dispatchEvent(new DragEvent('drop', options));
  }, encoded);
}

/**
 * Drops files or a folder by their paths, as the desktop does: the browser hands out a folder only of a real
 * drag.
 */
export async function dropPaths(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 400, data });
  }
  await session.detach();
}

/** Waits until a map is drawn, with the name of the picture as asked for: image, method, layer, class. */
export async function untilExplained(
  page: Page,
  name: string | RegExp = / at .* for /,
): Promise<void> {
  await page.locator('.live-figure').getByRole('img', { name }).waitFor();
  await page.locator('.work').waitFor({ state: 'detached' });
}

/** Opens an empty page of the site's browser, whose faults are collected. */
export async function openPage(
  site: LiveSite,
  timeout = 60_000,
): Promise<{ page: Page; faults: string[] }> {
  const page = await site.context.newPage();
  page.setDefaultTimeout(timeout);
  return { page, faults: watchFaults(page, site.url) };
}

/** Presses Tab until an element has the focus, as a reader without a pointer does. */
export async function tabTo(
  page: Page,
  name: string | RegExp,
  role: 'button' | 'combobox' | 'group',
): Promise<void> {
  const target = page.getByRole(role, { name });
  await target.waitFor();
  for (let i = 0; i < 60; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not reach ${String(name)}`);
}

export interface RawMap {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The raw map as the page saves it. */
export async function savedMap(page: Page): Promise<RawMap> {
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save raw map' }).click();
  return readMap(await (await saved).path());
}

export async function readMap(file: string): Promise<RawMap> {
  const { data, shape } = new npyjs().parse(Uint8Array.from(await readFile(file)).buffer);
  return { data: data as Float32Array, shape };
}

/** Largest difference of two maps, relative to the largest magnitude of the second. */
export function relativeError(map: RawMap, expected: RawMap): number {
  const scale = Math.max(...expected.data.map(Math.abs));
  if (map.shape.join() !== expected.shape.join() || scale === 0) return Infinity;
  return Math.max(...map.data.map((value, i) => Math.abs(value - expected.data[i]!))) / scale;
}

/** The raw maps that the command writes for the same, by target. */
export async function mapsOfCommand(
  args: readonly string[],
  out: string,
): Promise<Map<string, RawMap>> {
  const all = ['explain', ...args, '--save', 'raw', '--json', '--out', out];
  const { code, stdout, stderr } = await runCommand(all);
  if (code !== 0) throw new Error(stderr);
  const line = JSON.parse(stdout) as {
    explanations: { target: { index: number }; files: { raw: string } }[];
  };
  const maps = new Map<string, RawMap>();
  for (const { target, files } of line.explanations) {
    maps.set(String(target.index), await readMap(path.join(out, files.raw)));
  }
  return maps;
}
