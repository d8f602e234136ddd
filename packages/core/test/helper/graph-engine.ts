import { createGraphModelEngine } from '../../src/engines/graph-model/index.ts';
import type { Engine } from '../../src/engines/port/engine.ts';
import { createEngine } from './engines.ts';

/** An engine that opens GraphModels: wasm itself, or onnx with the graphs of wasm to compare with. */
export async function createGraphEngine(backend: 'wasm' | 'onnx'): Promise<Engine> {
  const graphs = await createGraphModelEngine({ backend: 'wasm' });
  if (backend === 'wasm') return graphs;
  return { ...(await createEngine('onnx')), openGraph: (file) => graphs.openGraph!(file) };
}
