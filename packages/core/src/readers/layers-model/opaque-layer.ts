import { GradcamError } from '../../base/errors.ts';
import type { LayerRecord } from './keras-topology.ts';
import type { LayerLibrary } from './layer-library.ts';
import type { EmitOptions, Value } from './layers/layer-reader.ts';
import type { Op, OpaqueCall } from '../../network/op.ts';

/** What {@link readOpaqueLayer} uses of the network that is being read. */
export interface OpaqueReading {
  readonly library: LayerLibrary;
  readonly keras3: boolean;
  /** Path of the layer without the number of its call. */
  readonly path: string;
  /** All weights of the layer by role, in the order of the manifest. */
  readonly weights: Readonly<Record<string, string>>;
  emit(op: Op, inputs: readonly Value[], shape: readonly number[], options: EmitOptions): Value;
}

/**
 * Reads one call of a layer that a library computes. It becomes one node for each output, and one for
 * the mask that the layer makes.
 *
 * @returns null where the library does not have the class.
 */
export function readOpaqueLayer(
  layer: LayerRecord,
  inputs: readonly Value[],
  reading: OpaqueReading,
): Value[] | null {
  const { library, keras3, path, weights, emit } = reading;
  const { className, config } = layer;
  if (inputs.length === 0) {
    throw new GradcamError('model', `layer ${path} (${className}) takes no inputs`);
  }
  const inputShapes = inputs.map(({ shape }) => shape);
  const facts = library.describe({ name: path, className, config, keras3 }, inputShapes);
  if (facts === null) return null;
  if (config['stateful'] === true) {
    throw new GradcamError(
      'unsupported',
      `layer ${path} (${className}) is stateful: what it says depends on the runs before, so there is no one explanation; save it with stateful=false`,
    );
  }
  const given = inputs.find(({ mask }) => mask !== undefined)?.mask;
  const masked = facts.readsMask && given !== undefined;
  if (masked && JSON.stringify(config).includes('"zero_output_for_mask":true')) {
    throw new GradcamError(
      'unsupported',
      `layer ${path} (${className}): it gives zeros for masked steps, which tfjs-layers does not`,
    );
  }
  if (given !== undefined && className.startsWith('Global')) {
    throw new GradcamError(
      'unsupported',
      `layer ${path} (${className}) gets a mask over time steps, which tfjs-layers ignores there`,
    );
  }
  const mask: Value[] = masked ? [{ node: given, shape: [] }] : [];
  const call: OpaqueCall = {
    by: 'tfjs-layers',
    layer: path,
    className,
    config,
    inputShapes,
    masked,
  };
  const made =
    facts.mask === 'makes'
      ? emit(
          { kind: 'opaque', output: 'mask', ...call },
          inputs,
          maskShape(className, inputShapes[0]!),
          {
            part: 'mask',
            weights,
          },
        ).node
      : facts.mask === 'passes'
        ? given
        : undefined;
  return facts.outputShapes.map((shape, output) => {
    const part = output === 0 ? {} : { part: `output ${output}` };
    const op = { kind: 'opaque', output, ...call } as const;
    const value = emit(op, [...inputs, ...mask], shape, { ...part, weights });
    return output === 0 && made !== undefined ? { ...value, mask: made } : value;
  });
}

/**
 * The shape of a mask. Masking looks at all features of a step together, and an embedding at each
 * index.
 */
function maskShape(className: string, shape: readonly number[]): readonly number[] {
  return className === 'Masking' ? shape.slice(0, -1) : shape;
}
