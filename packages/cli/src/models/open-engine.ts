import type { Engine } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';

/** What `--engine` takes. */
export const engineNames = ['auto', 'onnx', 'wasm', 'cpu'] as const;

/** Documented for later versions; asking for one says so. */
const laterEngines = ['node', 'node-gpu', 'webgpu'];

/**
 * Starts the engine that `--engine` names. `auto` is onnx, the fastest, and where ONNX Runtime does
 * not load (it has no build for every machine) wasm, which is told.
 *
 * @param threads of one run of the model; the runtime's own choice by default.
 * @throws CommandError 64 for an unknown name, 69 for an engine that does not start here.
 */
export async function openEngine(
  name: string,
  terminal: Pick<Terminal, 'note' | 'debug'>,
  threads?: number,
): Promise<Engine> {
  if (laterEngines.includes(name)) {
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine '${name}' is not in this version; there is ${engineNames.join(', ')}`,
    );
  }
  if (!(engineNames as readonly string[]).includes(name)) {
    throw new CommandError(
      exitCodes.usage,
      `--engine takes ${engineNames.join(', ')}; got '${name}'`,
    );
  }
  const engine = await startEngine(name, terminal, threads);
  if (threads !== undefined && !engine.name.startsWith('onnx')) {
    terminal.note(`--threads has no effect: engine ${engine.name} runs on one thread`);
  }
  terminal.debug(`engine ${engine.name}${name === 'auto' ? ', chosen by auto' : ''}`);
  return engine;
}

async function startEngine(
  name: string,
  terminal: Pick<Terminal, 'note' | 'debug'>,
  threads: number | undefined,
): Promise<Engine> {
  if (name === 'wasm' || name === 'cpu') return startTfjs(name);
  try {
    const runtime = await import('onnxruntime-node');
    const { createOnnxEngine } = await import('@gradcam/core/onnx');
    return createOnnxEngine(runtime, threads === undefined ? {} : { threads });
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    if (name === 'auto') {
      terminal.note(`engine wasm, since ONNX Runtime does not load here (${reason})`);
      return startTfjs('wasm');
    }
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine onnx: ONNX Runtime does not load here (${reason}); use --engine wasm`,
      { cause },
    );
  }
}

async function startTfjs(backend: 'wasm' | 'cpu'): Promise<Engine> {
  const { createTfjsEngine } = await import('@gradcam/core/tfjs');
  return createTfjsEngine({ backend });
}
