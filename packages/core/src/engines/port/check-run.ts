import { countElements, findNonFinite, type NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import { findNode, type Network } from '../../network/network.ts';
import type { OpaqueCall } from '../../network/op.ts';
import { listOpaqueCalls } from '../../network/opaque-call.ts';
import { indexNodes, listAncestors } from '../../network/walk-graph.ts';
import type { PassSeed, RunRequest } from './engine.ts';
import { isListOfSeeds } from './resolve-batch.ts';

/**
 * The arrays that a pass starts from, by node: the inputs, or the value at the layer where it resumes.
 *
 * @throws GradcamError `argument` for a wrong shape, a missing input, a value that is not finite, or an index
 *   of a row that a table does not have.
 */
export function checkInputs(request: RunRequest, network: Network): Map<string, NdArray> {
  const { from, inputs = {} } = request;
  const given = new Map(Object.entries(inputs));
  if (from !== undefined) given.set(from.layer, from.value);
  for (const [name, array] of given) {
    const { shape } = findNode(network, name);
    const isWhole = array.data.length === countElements(array.shape);
    if (!isWhole || array.shape.slice(1).join() !== shape.join()) {
      throw new GradcamError(
        'argument',
        `input ${name}: expected shape [batch, ${shape.join(', ')}], got [${array.shape.join(', ')}] with ${array.data.length} values`,
      );
    }
    // Some backends turn NaN into 0 at the first ReLU, so that the logits would not show it.
    const broken = findNonFinite(array.data);
    if (broken >= 0) {
      throw new GradcamError(
        'argument',
        `input ${name} is ${array.data[broken]} at index ${broken}`,
      );
    }
  }
  checkIndices(given, network);
  const missing = network.inputs.filter((name) => !given.has(name));
  if (from === undefined && missing.length > 0) {
    throw new GradcamError('argument', `input ${missing.join(', ')} was not given`);
  }
  return given;
}

/** The backends differ in what they do with an index of no row: an error, another row, or zeros. */
function checkIndices(given: ReadonlyMap<string, NdArray>, network: Network): void {
  for (const { name, op, inputs } of network.nodes) {
    const indices = op.kind === 'lookUp' ? given.get(inputs[0]!) : undefined;
    if (op.kind !== 'lookUp' || indices === undefined) continue;
    const wrong = indices.data.findIndex(
      (index) => !Number.isInteger(index) || index < 0 || index >= op.rows,
    );
    if (wrong < 0) continue;
    throw new GradcamError(
      'argument',
      `input ${inputs[0]} is ${indices.data[wrong]} at index ${wrong}; layer ${name} takes whole numbers from 0 to ${op.rows - 1}`,
    );
  }
}

/**
 * Checks that everything wanted can be computed from the given nodes.
 *
 * @throws GradcamError `argument` that names an input which would be needed too.
 */
export function checkReachable(
  network: Network,
  wanted: readonly string[],
  given: readonly string[],
): void {
  const needed = listAncestors(wanted, indexNodes(network), new Set(given));
  const missing = network.inputs.find((input) => needed.has(input) && !given.includes(input));
  if (missing === undefined) return;
  throw new GradcamError(
    'argument',
    `computing what is asked for needs input ${missing}, but the run starts at ${given.join(', ')} alone`,
  );
}

/**
 * @throws GradcamError `argument` for a seed in numbers without exactly one number for each logit, and for a
 *   list without exactly one seed for each item of the batch.
 */
export function checkSeed(seed: PassSeed, classes: number, batch: number): void {
  if (isListOfSeeds(seed)) {
    if (seed.length === batch) return;
    throw new GradcamError(
      'argument',
      `seed: expected ${batch} scores, one for each item of the batch, got ${seed.length}`,
    );
  }
  if (!(seed instanceof Float32Array) || seed.length === classes * batch) return;
  throw new GradcamError(
    'argument',
    `seed: expected ${classes * batch} numbers, one for each logit, got ${seed.length}`,
  );
}

/** The engine that computes the layers outside the op set, by who computes them. */
const enginesFor: Readonly<Record<OpaqueCall['by'], string>> = {
  'tfjs-layers': 'createLayersEngine of @gradcam/core/layers, on the backend wasm or cpu',
  'graph-model': 'openGraphModel of @gradcam/core/graph-model',
  'onnx-file': 'createOnnxEngine of @gradcam/core/onnx (--engine onnx)',
};

/**
 * Refuses a network with layers outside the op set, for engines that do not compute them.
 *
 * @param engine how the message calls the engine.
 * @param computes the layers outside the op set that the engine does compute.
 * @throws GradcamError `unsupported` that names these layers and the engine that computes them.
 */
export function refuseOpaque(network: Network, engine: string, computes?: OpaqueCall['by']): void {
  const calls = listOpaqueCalls(network).filter(({ by }) => by !== computes);
  if (calls.length === 0) return;
  const names = calls.map(({ layer, className }) => `${layer} (${className})`).join(', ');
  const next = enginesFor[calls[0]!.by];
  throw new GradcamError('unsupported', `${engine} cannot compute ${names}; use ${next}`);
}

/** @throws GradcamError `model` for logits [batch, classes] that are not finite. */
export function checkLogits({ shape, data }: NdArray): void {
  const broken = findNonFinite(data);
  if (broken < 0) return;
  throw new GradcamError(
    'model',
    `the logit of class ${broken % shape.at(-1)!} is ${data[broken]}: the weights or the input are not finite`,
  );
}
