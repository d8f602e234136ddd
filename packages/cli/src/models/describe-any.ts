import {
  describeModel,
  isGradcamError,
  loadModel,
  readManifest,
  readModelJson,
  type ModelDescription,
  type ModelFiles,
  type ModelOverrides,
} from '@gradcam/core';
import { dropUndefined } from '../flags/drop-undefined.ts';
import { runOnnxValues } from './run-onnx-values.ts';
import { openProofStore } from './proof-store.ts';

/**
 * Describes a model of any kind, if possible without reading its weights. Layers outside our op set are
 * described by tfjs-layers, which is loaded only in that case. For a GraphModel it is known only after a pass
 * whether it can be translated. An ONNX file with nodes that are not translated is run for their shapes.
 *
 * @throws GradcamError as `describeModel` and `loadModel`.
 */
export async function describeAnyModel(
  files: ModelFiles,
  overrides: ModelOverrides = {},
): Promise<DescribedModel> {
  if (files.onnx !== undefined) return describeModel(files, overrides, undefined, runOnnxValues);
  const { format, weightsManifest } = await readModelJson(files);
  if (format === 'graph-model') {
    return { ...(await describeGraph(files, overrides)), manifest: readManifest(weightsManifest) };
  }
  try {
    return await describeModel(files, overrides);
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    const { layerLibrary } = await import('@gradcam/core/layers');
    return describeModel(files, overrides, layerLibrary);
  }
}

/** A description with the list of the model's weights. */
export type DescribedModel = ModelDescription & { readonly manifest?: DescribedManifest };

type DescribedManifest = Awaited<ReturnType<typeof describeModel>>['manifest'];

async function describeGraph(
  files: ModelFiles,
  overrides: ModelOverrides,
): Promise<ModelDescription> {
  const { createGraphModelEngine } = await import('@gradcam/core/graph-model');
  const engine = await createGraphModelEngine({ backend: 'wasm' });
  const model = await loadModel(files, { engine, proofs: openProofStore(), ...overrides });
  model.dispose();
  const { id, network, input, classNames, endpoints, defaultLayer, artifact } = model;
  const { readFrom, notUsed, assumptions, text } = model;
  return dropUndefined({
    ...{ id, network, input, classNames, endpoints, defaultLayer, artifact },
    ...{ readFrom, notUsed, assumptions, text },
  });
}
