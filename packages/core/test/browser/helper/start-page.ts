import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { PageApi } from '../page/main.ts';
import { buildPage } from './build-page.ts';
import { launchChromium } from './chromium.ts';
import { servePage, type ServedAs } from './serve-page.ts';

/** An engine as a page runs it. */
export interface PageEngine {
  readonly engine: 'cpu' | 'wasm' | 'webgl' | 'webgpu' | 'onnx' | 'onnx-webgpu';
  readonly threads: number;
  readonly servedAs: ServedAs;
}

/** Every engine of the browser, with one thread and with two where it has threads. */
export const pageEngines: Readonly<Record<string, PageEngine>> = {
  'tfjs cpu': { engine: 'cpu', threads: 1, servedAs: 'plain' },
  'tfjs wasm': { engine: 'wasm', threads: 1, servedAs: 'plain' },
  'tfjs wasm, isolated page, one thread': { engine: 'wasm', threads: 1, servedAs: 'isolated' },
  'tfjs wasm, two threads': { engine: 'wasm', threads: 2, servedAs: 'isolated-with-blobs' },
  'tfjs webgl': { engine: 'webgl', threads: 1, servedAs: 'plain' },
  'tfjs webgpu': { engine: 'webgpu', threads: 1, servedAs: 'plain' },
  'ONNX Runtime wasm': { engine: 'onnx', threads: 1, servedAs: 'plain' },
  'ONNX Runtime wasm, two threads': { engine: 'onnx', threads: 2, servedAs: 'isolated' },
  'ONNX Runtime WebGPU': { engine: 'onnx-webgpu', threads: 1, servedAs: 'plain' },
};

/** A function of the page's, called with plain data. */
type Call = <N extends keyof PageApi>(
  name: N,
  ...given: Parameters<PageApi[N]>
) => Promise<Awaited<ReturnType<PageApi[N]>>>;

export interface OpenPage {
  readonly call: Call;
  readonly page: Page;
}

/** Builds and serves the page and starts a Chromium; what the test writes to `files` is served. */
export async function startPage(): Promise<{
  readonly files: string;
  open(engine: PageEngine): Promise<OpenPage>;
  close(): Promise<void>;
}> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gradcam-contract-'));
  const [page, files] = [path.join(folder, 'page'), path.join(folder, 'files')];
  await mkdir(files);
  await buildPage(page);
  const server = await servePage(page, files);
  const browser = await launchChromium();
  return {
    files,
    async open({ engine, threads, servedAs }) {
      const opened = await browser.newPage();
      await opened.goto(`${server.url}${servedAs}/?engine=${engine}&threads=${threads}`);
      await opened.waitForFunction(() => 'pageApi' in globalThis);
      const call = (name: string, ...given: unknown[]): Promise<unknown> =>
        opened.evaluate(
          async ([called, values]) => {
            const { pageApi } = globalThis as unknown as {
              pageApi: Record<string, (...all: unknown[]) => unknown>;
            };
            return await pageApi[called]!(...values);
          },
          [name, given] as const,
        );
      return { call: call as Call, page: opened };
    },
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
