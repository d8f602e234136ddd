import { GradcamError } from '../base/errors.ts';

/** The part of a tfjs `IOHandler`'s result that is read here. */
export interface ModelArtifacts {
  readonly modelTopology?: unknown;
  readonly format?: string;
  readonly signature?: unknown;
  readonly userDefinedMetadata?: unknown;
  readonly weightSpecs?: readonly unknown[];
  readonly weightData?: unknown;
}

/**
 * Turns artifacts into the files in which tfjs would save them.
 *
 * @throws GradcamError `model` for a missing topology or missing weights.
 */
export function filesOfArtifacts(artifacts: ModelArtifacts): Record<string, Uint8Array> {
  const { modelTopology, weightSpecs, weightData, ...others } = artifacts;
  if (typeof modelTopology !== 'object' || modelTopology instanceof ArrayBuffer) {
    throw new GradcamError('model', 'the IOHandler gives no modelTopology in JSON');
  }
  if (weightSpecs === undefined) {
    throw new GradcamError('model', 'the IOHandler gives a model without weights');
  }
  const { format, signature, userDefinedMetadata } = others;
  const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  const json = { format, modelTopology, weightsManifest, signature, userDefinedMetadata };
  return {
    'model.json': new TextEncoder().encode(writeJson(json)),
    'weights.bin': joinBuffers(weightData),
  };
}

/** A caller's own topology may be cyclic, hold big integers, or be nested without end. */
function writeJson(json: object): string {
  try {
    return JSON.stringify(json);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('model', `the IOHandler's model cannot be written as JSON: ${reason}`, {
      cause,
    });
  }
}

/** Joins one buffer, or a list of buffers that stand for one. */
function joinBuffers(data: unknown): Uint8Array {
  const list: unknown[] = Array.isArray(data) ? data : [data];
  const parts = list.map((part) => {
    if (part instanceof ArrayBuffer) return new Uint8Array(part);
    throw new GradcamError('model', 'the IOHandler gives weights that are not an ArrayBuffer');
  });
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.byteLength;
  }
  return joined;
}
