import { filesOfArtifacts } from './model-artifacts.ts';
import { modelFilesInMemory, type ModelFiles } from '../readers/model-files.ts';

/** A `tf.LayersModel`, as far as it is read here. */
export interface LiveLayersModel {
  readonly name: string;
  readonly layers: readonly LiveLayer[];
  toJSON(unused?: unknown, returnString?: boolean): unknown;
}

/** A layer of tfjs-layers, or a model within the model. */
export interface LiveLayer {
  readonly name: string;
  readonly weights: readonly LiveWeight[];
  readonly layers?: readonly LiveLayer[];
}

/** A variable of tfjs-layers; `read` hands out the tensor that it holds, not a copy. */
export interface LiveWeight {
  readonly originalName: string;
  read(): { readonly shape: number[]; readonly dtype: string; data(): Promise<ArrayLike<number>> };
}

/**
 * A live model as the files that it would be saved in, with its weights under the paths of their
 * layers. Only values are read: no tensor is made or disposed.
 *
 * The files say that tfjs-layers wrote them, so that layers which it computes otherwise than Keras (a bilinear
 * UpSampling2D, Resizing) are explained as it computes them, whoever wrote the model that it was loaded from.
 */
export async function filesOfLayersModel(model: LiveLayersModel): Promise<ModelFiles> {
  const weights = new Map<string, LiveWeight>();
  collectWeights(model.layers, '', weights);
  const weightSpecs: object[] = [];
  const weightData: ArrayBuffer[] = [];
  for (const [name, weight] of weights) {
    const tensor = weight.read();
    const values = Float32Array.from(await tensor.data());
    weightSpecs.push({ name, shape: tensor.shape, dtype: 'float32' });
    weightData.push(values.buffer);
  }
  const modelTopology = model.toJSON(null, false);
  const artifacts = { format: 'layers-model', modelTopology, weightSpecs, weightData };
  return modelFilesInMemory(filesOfArtifacts(artifacts), `model ${model.name}`);
}

function collectWeights(
  layers: readonly LiveLayer[],
  prefix: string,
  found: Map<string, LiveWeight>,
): void {
  for (const layer of layers) {
    if (layer.layers !== undefined) {
      collectWeights(layer.layers, `${prefix}${layer.name}/`, found);
      continue;
    }
    for (const weight of layer.weights) {
      const own = weight.originalName;
      const suffix = own.startsWith(`${layer.name}/`) ? own.slice(layer.name.length + 1) : own;
      const name = `${prefix}${layer.name}/${suffix}`;
      // The two directions of a Bidirectional may give their weights one name.
      found.set(found.has(name) ? `${name}_1` : name, weight);
    }
  }
}
