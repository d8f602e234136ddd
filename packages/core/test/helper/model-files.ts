import { modelFilesInMemory, type ModelFiles } from '../../src/readers/model-files.ts';
import type { TestModel } from './keras-model.ts';

/** A model as tfjs saves it: `model.json` and one shard, in memory. */
export function filesOf(model: TestModel, artifact?: unknown): ModelFiles {
  const arrays = [...model.weights];
  const size = arrays.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const shard = new Uint8Array(size);
  let offset = 0;
  for (const [, { data }] of arrays) {
    shard.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  const weights = arrays.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    modelTopology: model.topology,
    weightsManifest: [{ paths: ['weights.bin'], weights }],
    ...(artifact === undefined ? {} : { userDefinedMetadata: { gradcam: artifact } }),
  };
  return modelFilesInMemory({
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
    'weights.bin': shard,
  });
}
