import { filesOfArtifacts } from './model-artifacts.ts';
import { modelFilesInMemory, type ModelFiles } from '../readers/model-files.ts';

/** The part of a `tf.LayersModel` that is read here. */
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

/** A variable of tfjs-layers. `read` returns the variable's own tensor and not a copy. */
export interface LiveWeight {
  readonly originalName: string;
  read(): { readonly shape: number[]; readonly dtype: string; data(): Promise<ArrayLike<number>> };
}

/**
 * Turns a live model into the files in which tfjs would save it, with weights named by the paths of their
 * layers. Only values are read: no tensor is created or disposed.
 *
 * The files name tfjs-layers as their writer. A few layers give other results in tfjs-layers than in Keras
 * (a bilinear UpSampling2D, Resizing). They are explained as tfjs-layers computes them, even in a model
 * that Keras wrote.
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
      // The two directions of a Bidirectional may have weights of the same name.
      found.set(found.has(name) ? `${name}_1` : name, weight);
    }
  }
}
