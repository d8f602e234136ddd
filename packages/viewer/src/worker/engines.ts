import type { Engine, ModelFiles } from '@gradcam/core';
import type { TfjsBackend } from '@gradcam/core/tfjs';
import type { EngineChoice } from './protocol.ts';

/** An engine, and the reason for choosing it. */
export interface ChosenEngine {
  readonly engine: Engine;
  readonly reason: string;
}

/** More threads than this gain nothing at the sizes of image classifiers and slow the page down. */
const MAX_THREADS = 8;

/**
 * From so many threads and so many bytes of weights on, `auto` takes ONNX Runtime.
 *
 * On one thread the two take equal processor time for a map (ratio 0.97 to 1.00 on a net of VGG16's
 * layers, MobileNet 0.25 and the demo net), and ONNX Runtime 1.6 to 6.6 times as much until the first one,
 * as it compiles a graph. Only its threads can pay for that: tfjs has none here, as its threads are
 * scripts from blobs, which the policy of this page does not let run.
 */
const MANY_THREADS = 4;
const MANY_BYTES = 16e6;

/** The facts by which `auto` chooses. */
export interface EngineFacts extends Pick<ModelFiles, 'onnx'> {
  readonly weightBytes: number;
}

/**
 * Starts the chosen engine.
 *
 * @param model facts about the model, by which `auto` chooses.
 * @throws GradcamError `engine` for an engine that does not start in this browser.
 */
export async function startEngine(choice: EngineChoice, model: EngineFacts): Promise<ChosenEngine> {
  const { engine, reason } = await chooseEngine(choice, model);
  return { engine: withGraphModels(engine), reason };
}

async function chooseEngine(
  choice: EngineChoice,
  { weightBytes, onnx }: EngineFacts,
): Promise<ChosenEngine> {
  const threads = crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
  const own = threads === 1 ? 'one thread' : `${threads} threads`;
  switch (choice) {
    case 'wasm':
    case 'webgl':
    case 'webgpu':
      return { engine: await startTfjs(choice), reason: 'as chosen' };
    case 'onnx':
      return { engine: await startOnnx(threads), reason: `as chosen, ${own}` };
    case 'auto':
      if (onnx !== undefined) {
        return { engine: await startOnnx(threads), reason: `chosen: it runs ONNX files, ${own}` };
      }
      if (threads < MANY_THREADS || weightBytes < MANY_BYTES) {
        return { engine: await startTfjs('wasm'), reason: 'chosen: it starts fastest' };
      }
      return { engine: await startOnnx(threads), reason: `chosen: ${own} for a large net` };
  }
}

/**
 * Lets an engine also run GraphModels as they are. This is needed to compare a translated model with its
 * graph, and for a model that cannot be translated. tfjs has one backend at a time, so an engine of tfjs
 * runs graphs on its own backend. With ONNX Runtime as the engine they run on wasm.
 */
function withGraphModels(engine: Engine): Engine {
  return {
    ...engine,
    async openGraph(file) {
      const [{ createGraphModelEngine }, { tfjsWasmPaths }] = await Promise.all([
        import('@gradcam/core/graph-model'),
        import('./tfjs-wasm-files.ts'),
      ]);
      const [, backend = 'wasm'] = /^tfjs-(.+)$/.exec(engine.name) ?? [];
      const graphs = await createGraphModelEngine({
        backend: backend as TfjsBackend,
        wasmPaths: tfjsWasmPaths,
      });
      return graphs.openGraph!(file);
    },
  };
}

async function startTfjs(backend: 'wasm' | 'webgl' | 'webgpu'): Promise<Engine> {
  const [{ createTfjsEngine }, { tfjsWasmPaths }] = await Promise.all([
    import('@gradcam/core/tfjs'),
    import('./tfjs-wasm-files.ts'),
  ]);
  return createTfjsEngine({ backend, wasmPaths: tfjsWasmPaths });
}

async function startOnnx(threads: number): Promise<Engine> {
  const [{ loadOnnxRuntime }, { createOnnxEngine }] = await Promise.all([
    import('./onnx-runtime-files.ts'),
    import('@gradcam/core/onnx'),
  ]);
  return createOnnxEngine(loadOnnxRuntime(threads), { provider: 'wasm' });
}
