import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { suites } from './page/suites.ts';
import { skipWithoutChromium } from './helper/chromium.ts';
import { pageEngines, startPage, type OpenPage, type PageEngine } from './helper/start-page.ts';

/**
 * tfjs's WebGPU computes some nets wrongly in software and then ends the graphics process: it runs only
 * where it is asked for. ONNX Runtime's computes rightly, but slowly: see {@link suitesOf}.
 */
const engines = Object.fromEntries(
  Object.entries(pageEngines).filter(
    ([, { engine }]) => engine !== 'webgpu' || process.env['GRADCAM_WEBGPU'] === 'tfjs',
  ),
);

/** Graphics in software compile a program for every op and shape: a suite takes a minute. */
const SUITE_TIMEOUT = process.env['GRADCAM_WEBGPU'] === undefined ? 600_000 : 3_600_000;

/**
 * For one test on ONNX Runtime's WebGPU. Its WebAssembly cannot begin a session while another one begins, so a
 * test that goes on behind its own end would break the next ones.
 */
const WEBGPU_TEST_TIMEOUT = 600_000;

/** A net that WebGPU computes wrongly is refused; on the software adapter this is one, `squeeze-excite`. */
const REFUSED = /WebGPU computes this model wrongly on this device/;

/**
 * On graphics backends, which are software here, and on the second ways of running wasm every
 * `npm test` runs what tests the ops themselves; with `GRADCAM_SLOW=1` they run all suites too.
 */
const opSuites = Object.keys(suites).filter((path) =>
  /op-contract|nets\.test|relu-policies|activations|session/.test(path),
);

/** What every `npm test` runs on ONNX Runtime's WebGPU, whose programs take seconds each in software. */
const smoke = {
  suites: Object.keys(suites).filter((path) => /op-contract/.test(path)),
  // A convolution and a pool, each with its gradient.
  titles: "'(conv2d/3x3-s2-same-odd|max-pooling/3x3-s2-same-odd-rectified)'$",
} as const;

function suitesOf({ engine, servedAs }: PageEngine): readonly string[] {
  if (engine === 'onnx-webgpu' && process.env['GRADCAM_WEBGPU'] !== '1') return smoke.suites;
  const isShort = engine === 'webgl' || /webgpu/.test(engine) || servedAs !== 'plain';
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
        'onnx-webgpu': { hasAdapter: true, isSoftware: process.env['GRADCAM_GPU'] !== '1' },
      };
      expect(facts).toEqual({ isolated: servedAs !== 'plain', ...expected[engine.engine] });
    });

    test.each(suitesOf(engine))('%s', { timeout: SUITE_TIMEOUT }, async (suite) => {
      const isWebGpu = engine.engine === 'onnx-webgpu';
      const isSmoke = isWebGpu && process.env['GRADCAM_WEBGPU'] !== '1';
      const cases = await page.call('runSuite', suite, {
        ...(isSmoke ? { titles: smoke.titles } : {}),
        ...(isWebGpu ? { testTimeout: WEBGPU_TEST_TIMEOUT } : {}),
      });
      if (isSmoke) expect(cases).toHaveLength(2);
      const failed = cases.filter(({ state }) => state !== 'pass');
      const refused = failed.filter(({ errors }) => isWebGpu && REFUSED.test(errors.join()));
      if (refused.length > 0) console.log(`refused: ${refused.map(({ title }) => title).join()}`);
      expect(failed.filter((one) => !refused.includes(one))).toEqual([]);
      expect(refused.length).toBeLessThanOrEqual(1);
      // The suites of sessions and of memory are tfjs's alone.
      if (!/^onnx/.test(engine.engine)) expect(cases.length).toBeGreaterThan(0);
    });
  });
});
