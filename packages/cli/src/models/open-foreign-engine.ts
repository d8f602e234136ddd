import type { Engine, OpaqueCall } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { openEngine, type EngineOptions } from './open-engine.ts';
import type { Terminal } from '../terminal/messages.ts';

/** The library that a model needs because the engines of this project do not run it. */
export type ForeignRuntime = OpaqueCall['by'];

const titles: Readonly<Record<ForeignRuntime, string>> = {
  'tfjs-layers': 'layers that tfjs-layers runs',
  'graph-model': 'a GraphModel',
  'onnx-file': 'nodes that ONNX Runtime runs as they stand in its file',
};

/** Engines on ONNX Runtime, besides `auto`. */
export const onnxEngines: readonly string[] = ['onnx', 'webgpu', 'cuda'];

/**
 * Starts the engine for a model that needs a {@link ForeignRuntime}. For one that needs tfjs, `auto` is
 * wasm, and a note says so; for one that needs ONNX Runtime, `auto` is onnx.
 *
 * @throws CommandError 69 for an engine that cannot run the model.
 */
export async function openForeignEngine(
  runtime: ForeignRuntime,
  name: string,
  terminal: Pick<Terminal, 'note' | 'debug'>,
  options: EngineOptions = {},
): Promise<Engine> {
  if (runtime === 'onnx-file') {
    const chosen = name === 'auto' ? 'onnx' : name;
    if (onnxEngines.includes(chosen)) return openEngine(chosen, terminal, options);
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine ${name}: the model has ${titles[runtime]}; use --engine onnx`,
    );
  }
  if (name !== 'auto' && name !== 'wasm' && name !== 'cpu') {
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine ${name}: the model has ${titles[runtime]}, which only tfjs can run; use --engine wasm or cpu`,
    );
  }
  if (name === 'auto') terminal.note(`engine wasm, since the model has ${titles[runtime]}`);
  const backend = { backend: name === 'cpu' ? 'cpu' : 'wasm' } as const;
  if (runtime === 'graph-model') {
    const { createGraphModelEngine } = await import('@gradcam/core/graph-model');
    return createGraphModelEngine(backend);
  }
  const { createLayersEngine } = await import('@gradcam/core/layers');
  return createLayersEngine(backend);
}
