import { countElements, type NdArray } from '../../base/nd-array.ts';
import type { ForwardPass } from './forward-pass.ts';
import { GradcamError } from '../../base/errors.ts';

/**
 * A tfjs GraphModel (a SavedModel or a hub module), or anything else that computes the values of named
 * nodes for a batch. The caller who implements it converts between arrays and tensors, and frees them.
 */
export interface GraphModelPort {
  /** Values of the nodes, in the order of `nodes`, for inputs [batch, height, width, channels]. */
  readonly execute: (inputs: NdArray, nodes: readonly string[]) => Promise<readonly NdArray[]>;
}

export interface GraphModelOptions {
  /** Name of the node with the class scores. */
  readonly scores: string;
  /**
   * What that node holds. `probabilities` of a softmax are converted to log-probabilities. These differ
   * from the logits by a number that is the same for all classes, so their softmax is the same.
   */
  readonly holds: 'logits' | 'probabilities';
}

/** The smallest positive float32, taken for a probability that was rounded to 0. */
const LEAST_PROBABILITY = 2 ** -149;

/** A GraphModel for the methods that need no gradient and no resumed pass: occlusion, RISE, Score-CAM. */
export function forwardPassOfGraphModel(
  port: GraphModelPort,
  { scores, holds }: GraphModelOptions,
): ForwardPass {
  return {
    rule: { activation: 'softmax' },
    async run(inputs, outputs) {
      const nodes = [...new Set([scores, ...outputs])];
      const values = await port.execute(inputs, nodes);
      const found = new Map(nodes.map((node, i) => [node, values[i]]));
      const batch = inputs.shape[0] ?? 1;
      const read = readScores(checkNode(scores, found.get(scores), batch), scores);
      const logits = holds === 'logits' ? read : { ...read, data: read.data.map(toLogit) };
      return {
        logits,
        outputs: new Map(outputs.map((name) => [name, checkNode(name, found.get(name), batch)])),
      };
    },
  };
}

/**
 * The error for a method that needs gradients; it names methods that a GraphModel can serve.
 *
 * @param obstacle what stands in the way, with a space before it.
 */
export function gradientRefusal(method: string, obstacle = ''): GradcamError {
  return new GradcamError(
    'unsupported',
    `${method} needs gradients, which a GraphModel does not have: tfjs runs its nodes but cannot derive them${obstacle}; use score-cam, ablation-cam, eigen-cam, occlusion or rise, or convert the source model to a LayersModel`,
  );
}

function checkNode(name: string, value: NdArray | undefined, batch: number): NdArray {
  const isWhole = value !== undefined && countElements(value.shape) === value.data.length;
  if (isWhole && value.shape[0] === batch) return value;
  const found = value === undefined ? 'nothing' : `[${value.shape.join(', ')}]`;
  throw new GradcamError(
    'model',
    `node ${name} of the GraphModel: expected [${batch}, ..] for a batch of ${batch}, got ${found}`,
  );
}

/** The scores as [batch, classes], without axes of size 1 that the node may have between these two. */
function readScores({ shape, data }: NdArray, name: string): NdArray {
  const [batch = 1] = shape;
  const broken = data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw new GradcamError('model', `node ${name} of the GraphModel is ${data[broken]}`);
  }
  return { shape: [batch, data.length / batch], data };
}

function toLogit(probability: number): number {
  return Math.log(Math.max(LEAST_PROBABILITY, probability));
}
