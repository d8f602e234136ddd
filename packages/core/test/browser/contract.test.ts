import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suites } from './page/suites.ts';
import { skipWithoutChromium } from './helper/chromium.ts';
import { pageEngines, startPage, type OpenPage, type PageEngine } from './helper/start-page.ts';

/** WebGPU in software computes some nets wrongly and then crashes: only where it is asked for. */
const engines = Object.fromEntries(
  Object.entries(pageEngines).filter(
    ([, { engine }]) => engine !== 'webgpu' || process.env['GRADCAM_WEBGPU'] === '1',
  ),
);

/** Graphics in software compile a program for every op and shape: a suite takes a minute. */
const SUITE_TIMEOUT = 300_000;

/**
 * On graphics backends, which are software here, and on the second ways of running wasm every
 * `npm test` runs what tests the ops themselves; with `GRADCAM_SLOW=1` they run all suites too.
 */
const opSuites = Object.keys(suites).filter((path) =>
  /op-contract|nets\.test|relu-policies|activations|session/.test(path),
);

function suitesOf({ engine, servedAs }: PageEngine): readonly string[] {
  const isShort = engine === 'webgl' || engine === 'webgpu' || servedAs !== 'plain';
  return isShort && process.env['GRADCAM_SLOW'] !== '1' ? opSuites : Object.keys(suites);
}

/**
 * The suites of Node, file by file, in a page on every engine that a browser has: the same cases,
 * the same expectations and the same tolerances.
 */
describe.skipIf(skipWithoutChromium())('the contract in Chromium', () => {
  let started: Awaited<ReturnType<typeof startPage>>;
  beforeAll(async () => {
    started = await startPage();
  }, SUITE_TIMEOUT);
  afterAll(() => started?.close());

  describe.each(Object.entries(engines))('%s', (_, engine) => {
    let page: OpenPage;
    beforeAll(async () => {
      page = await started.open(engine);
      return () => page.page.close();
    }, SUITE_TIMEOUT);

    test('runs on what it is named after', { timeout: SUITE_TIMEOUT }, async () => {
      const facts = await page.call('describeRuntime');
      const { threads, servedAs } = engine;
      const expected = {
        cpu: { backend: 'cpu' },
        webgl: { backend: 'webgl' },
        webgpu: { backend: 'webgpu' },
        wasm: { backend: 'wasm', hasSimd: true, hasThreads: threads > 1 },
        onnx: { threads },
      };
      expect(facts).toEqual({ isolated: servedAs !== 'plain', ...expected[engine.engine] });
    });

    test.each(suitesOf(engine))('%s', { timeout: SUITE_TIMEOUT }, async (suite) => {
      const cases = await page.call('runSuite', suite);
      expect(cases.filter(({ state }) => state !== 'pass')).toEqual([]);
      // The suites of sessions and of memory are tfjs's alone.
      if (engine.engine !== 'onnx') expect(cases.length).toBeGreaterThan(0);
    });
  });
});
