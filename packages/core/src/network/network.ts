import { GradcamError } from '../base/errors.ts';
import type { Detector } from './detector.ts';
import { didYouMean, nearestNames } from '../base/nearest-names.ts';
import type { Op } from './op.ts';

/** One operation of a network or of its derivative. */
export interface GraphNode {
  /**
   * Unique in its graph. A layer of the model has its own name, after the names of the models around
   * it.
   */
  readonly name: string;
  readonly op: Op;
  /** Names of the nodes whose values this node reads. */
  readonly inputs: readonly string[];
  /** Shape of the value without the batch axis. Images are [height, width, channels]. */
  readonly shape: readonly number[];
  /** Names of the weights in the manifest, by role (`kernel`, `bias`, ..). */
  readonly weights: Readonly<Record<string, string>>;
  /**
   * True for the last node of an activation that consists of several nodes, because the op of this node
   * does not show that it ends an activation.
   */
  readonly isActivation?: true;
  /** True for the ReLU of Keras's layer `ReLU`, in contrast to the function `relu` of a layer. */
  readonly isReluLayer?: true;
}

/** One output of a model: its scores, and how probabilities follow from them. */
export interface Head {
  /** The node whose values are the class scores before softmax or sigmoid. */
  readonly logits: string;
  /** The node of the probabilities; null when the model ends with its scores. */
  readonly probabilities: string | null;
  readonly activation: 'softmax' | 'sigmoid' | 'linear';
  /**
   * Shape of the scores without the batch axis: [classes], or [rows, columns, classes] for a
   * segmentation. A softmax is over the last axis.
   */
  readonly shape: readonly number[];
  /** Number of scores: the product of `shape`. */
  readonly classes: number;
  /** How boxes are read from this output, if the model is a detector. */
  readonly detector?: Detector;
  /** True for an output whose numbers are places of points, and no scores. */
  readonly coordinates?: true;
}

/** A model's topology as plain data. It holds neither weights nor anything of a runtime. */
export interface Network {
  readonly name: string;
  /** Sorted, so that every node comes after its inputs. */
  readonly nodes: readonly GraphNode[];
  /** Names of the input nodes. */
  readonly inputs: readonly string[];
  /** Inputs whose height or width the model leaves open; absent when there are none. */
  readonly openInputs?: readonly string[];
  /** One head for each output of the model. */
  readonly heads: readonly Head[];
  /** Layers as the model's author named them, in order, each with the node that holds its output. */
  readonly layers: ReadonlyMap<string, string>;
  /** What the reader changed or assumed, one line each. */
  readonly notes: readonly string[];
}

/**
 * Finds a node by its name.
 *
 * @throws GradcamError `not-found` with the nearest layer names.
 */
export function findNode(network: Network, name: string): GraphNode {
  const node = network.nodes.find((candidate) => candidate.name === name);
  if (node !== undefined) return node;
  const candidates = nearestNames(
    name,
    network.nodes.map((candidate) => candidate.name),
  );
  throw new GradcamError(
    'not-found',
    `model ${network.name} has no layer '${name}'${didYouMean(candidates)}`,
    { candidates },
  );
}

/** The name that a model gives to an output. */
export function nameOfHead({ logits, probabilities }: Head): string {
  return probabilities ?? logits;
}

/** The model's first output. Explanations are about this output unless the caller chooses another one. */
export function mainHead(network: Network): Head {
  const head = network.heads[0];
  if (head === undefined) throw new GradcamError('model', `model ${network.name} has no output`);
  return head;
}
