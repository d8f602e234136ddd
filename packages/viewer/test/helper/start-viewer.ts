import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { inject } from 'vitest';
import { launchChromium } from './chromium.ts';
import { serveFolders } from './serve-folders.ts';

/** A page in a browser, on a server, with a folder for its run. */
export interface Viewer {
  readonly url: string;
  /** The run's folder, empty at first. */
  readonly run: string;
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Starts server and browser for the tests of a file. */
export async function startViewer(): Promise<Viewer> {
  const folder = await mkdtemp(join(tmpdir(), 'gradcam-viewer-'));
  const run = join(folder, 'run');
  const server = await serveFolders(inject('builtPage'), run);
  const browser = await launchChromium();
  const close = async (): Promise<void> => {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  return { url: server.url, run, context: browser.context, close };
}

/** Collects what a page must not do: errors, warnings, requests to others. */
export function watchFaults(page: Page, url: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(url) || /^(blob|data):/.test(request.url());
    if (!isOwn) faults.push(`request to ${request.url()}`);
  });
  return faults;
}
