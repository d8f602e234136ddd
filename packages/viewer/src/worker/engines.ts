import type { Engine } from '@gradcam/core';
import type { EngineChoice } from './protocol.ts';

/** An engine, and why it was taken. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/** More threads than these gain nothing at the sizes of image classifiers, and starve the page. */
const MAX_THREADS = 8;

/**
 * Starts the engine that was chosen.
 *
 * `auto` takes ONNX Runtime, which has threads under this page's policy; tfjs has none there, as its
 * threads are scripts from blobs, which the policy does not let run.
 *
 * @throws GradcamError `engine` for one that does not start in this browser.
 */
export async function startEngine(choice: EngineChoice): Promise<ChosenEngine> {
  if (choice === 'wasm' || choice === 'webgl') {
    return { engine: await startTfjs(choice), reason: 'as chosen' };
  }
  const threads = crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
  const engine = await startOnnx(threads);
  const own = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return {
    engine,
    reason: choice === 'auto' ? `chosen: the fastest without a GPU, ${own}` : `as chosen, ${own}`,
  };
}

async function startTfjs(backend: 'wasm' | 'webgl'): Promise<Engine> {
  if (backend === 'wasm') {
    const { placeTfjsWasm } = await import('./tfjs-wasm-files.ts');
    placeTfjsWasm();
  }
  const { createTfjsEngine } = await import('@gradcam/core/tfjs');
  return createTfjsEngine({ backend });
}

async function startOnnx(threads: number): Promise<Engine> {
  const [{ loadOnnxRuntime }, { createOnnxEngine }] = await Promise.all([
    import('./onnx-runtime-files.ts'),
    import('@gradcam/core/onnx'),
  ]);
  return createOnnxEngine(loadOnnxRuntime(threads), { provider: 'wasm' });
}
