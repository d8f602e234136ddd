import { GradcamError } from '../../base/errors.ts';
import type { LayerRecord, ModelRecord } from './keras-topology.ts';
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

/**
 * Names of layers that only compute masks. Keras 3 writes the comparison that makes an embedding's mask
 * as a layer; here the embedding makes the mask.
 *
 * @throws GradcamError `unsupported` for a mask that does not come from an Embedding or Masking layer.
 */
export function listMaskLayers(model: ModelRecord): ReadonlySet<string> {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const needed = new Set<string>();
  const pending = model.outputs.map(({ layer }) => layer);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    for (const source of layers.get(name)?.calls.flat() ?? []) {
      if (!source.isMask) pending.push(source.layer);
    }
  }
  const found = new Set<string>();
  for (const { name, calls } of model.layers) {
    for (const source of calls.flat()) {
      if (!source.isMask) continue;
      const { className } = layers.get(source.layer) ?? {};
      if (className !== 'NotEqual' && className !== 'Any') {
        throw new GradcamError(
          'unsupported',
          `layer ${name}: its mask comes from ${source.layer} (${className}), and not from an Embedding or Masking layer`,
        );
      }
      found.add(source.layer);
      if (className !== 'Any') continue;
      for (const { layer } of layers.get(source.layer)!.calls.flat()) found.add(layer);
    }
  }
  return new Set([...found].filter((name) => !needed.has(name)));
}

/** Whether a layer of several inputs joins their masks, or reads them. */
export function joinsMasks({ className }: LayerRecord): boolean {
  return merging.has(className) || /Attention$/.test(className);
}

/** Layers of the op set that pass on the mask of their input, as Keras declares. */
const passMask: ReadonlySet<string> = new Set([
  'Activation',
  'ActivityRegularization',
  'AlphaDropout',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'ELU',
  'GaussianDropout',
  'GaussianNoise',
  'LayerNormalization',
  'LeakyReLU',
  'PReLU',
  'ReLU',
  'SpatialDropout1D',
]);

/** Layers whose result depends on a mask in Keras but not in the op set. */
const readMask: ReadonlySet<string> = new Set(['Softmax']);

/**
 * The mask of a known layer's output, as in Keras: it is passed on, joined where a layer merges several
 * masked values, or dropped by layers that do not support masks.
 *
 * @throws GradcamError `unsupported` for a layer whose result would depend on the mask.
 */
export function maskOfKnownLayer(
  { name, className, config }: LayerRecord,
  inputs: readonly Value[],
  join: (masks: readonly string[]) => string,
): string | undefined {
  const masks = [...new Set(inputs.flatMap(({ mask }) => mask ?? []))];
  if (masks.length === 0) return undefined;
  const isLast = (config['axis'] ?? -1) === -1;
  if (readMask.has(className) || (className === 'Concatenate' && !isLast)) {
    throw new GradcamError(
      'unsupported',
      `layer ${name} (${className}) gets a mask over time steps, which is supported for recurrent layers only`,
    );
  }
  if (passMask.has(className)) return masks[0];
  if (!merging.has(className)) return undefined;
  return masks.length === 1 ? masks[0] : join(masks);
}

/** Layers that join the masks of their inputs by a logical and. */
const merging: ReadonlySet<string> = new Set([
  'Add',
  'Average',
  'Concatenate',
  'Maximum',
  'Minimum',
  'Multiply',
  'Subtract',
]);
