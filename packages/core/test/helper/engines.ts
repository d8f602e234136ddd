import * as ort from 'onnxruntime-node';
import type { Engine } from '../../src/engines/port/engine.ts';
import { loadTfjsNode } from '../../src/node/tfjs-node.ts';
import { createOnnxEngine } from '../../src/engines/onnx/index.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';

/** A folder in which `@tensorflow/tfjs-node` is installed: with it, the suites run on that too. */
export const tfjsNodeFolder: string | undefined = process.env['GRADCAM_TFJS_NODE'];

const withNode = tfjsNodeFolder === undefined ? [] : (['node'] as const);

/** Every engine that runs here; the contract suites go over all of them. */
export const engineNames = ['wasm', 'cpu', 'onnx', ...withNode] as const;

/** Those of them that keep tensors. */
export const tfjsBackends = ['wasm', 'cpu', ...withNode] as const;

export type EngineName = (typeof engineNames)[number];

/** For suites that count tensors, a tfjs backend is selected in any case. */
export async function createEngine(name: EngineName): Promise<Engine> {
  if (name === 'node') await loadTfjsNode({ from: tfjsNodeFolder });
  if (name !== 'onnx') return createTfjsEngine({ backend: name });
  await createTfjsEngine({ backend: 'cpu' });
  return createOnnxEngine(ort);
}
