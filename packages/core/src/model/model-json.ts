import { GradcamError } from '../errors.ts';
import type { ModelFiles } from './model-files.ts';

/** A tfjs `model.json`; what is in its parts is checked by those who read them. */
export interface ModelJson {
  readonly format: 'layers-model' | 'graph-model';
  readonly modelTopology: object;
  readonly weightsManifest: unknown;
  readonly signature: unknown;
  readonly userDefinedMetadata: Readonly<Record<string, unknown>> | undefined;
}

/** @throws GradcamError `model` for broken JSON, or JSON without a topology. */
export async function readModelJson(files: ModelFiles): Promise<ModelJson> {
  const text = new TextDecoder().decode(await files.readFile('model.json'));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GradcamError('model', `${files.location}: model.json is not JSON`, { cause });
  }
  const { format, modelTopology, weightsManifest, signature, userDefinedMetadata } = (json ??
    {}) as Record<string, unknown>;
  if (typeof modelTopology !== 'object' || modelTopology === null) {
    throw new GradcamError('model', `${files.location}: model.json has no modelTopology`);
  }
  return {
    // Older converters wrote no format; a GraphDef has a list of nodes, a LayersModel never.
    format: format === 'graph-model' || 'node' in modelTopology ? 'graph-model' : 'layers-model',
    modelTopology,
    weightsManifest,
    signature,
    userDefinedMetadata: userDefinedMetadata as ModelJson['userDefinedMetadata'],
  };
}
