import * as ort from 'onnxruntime-node';
import type { Engine } from '../../src/engine/engine.ts';
import { createOnnxEngine } from '../../src/onnx/index.ts';
import { createTfjsEngine } from '../../src/tfjs/index.ts';

/** Every engine that runs here; the contract suites go over all of them. */
export const engineNames = ['wasm', 'cpu', 'onnx'] as const;

export type EngineName = (typeof engineNames)[number];

/** For suites that count tensors, a tfjs backend is selected in any case. */
export async function createEngine(name: EngineName): Promise<Engine> {
  if (name !== 'onnx') return createTfjsEngine({ backend: name });
  await createTfjsEngine({ backend: 'cpu' });
  return createOnnxEngine(ort);
}
