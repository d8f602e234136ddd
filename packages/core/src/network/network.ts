import { GradcamError } from '../base/errors.ts';
import type { Detector } from './detector.ts';
import { nearestNames } from '../base/nearest-names.ts';
import type { Op } from './op.ts';

/** One operation of a network or of its derivative. */
export interface GraphNode {
  /** Unique in its graph. For a layer of the model: its name, with the names of the models around it. */
  readonly name: string;
  readonly op: Op;
  /** Names of the nodes whose values go in. */
  readonly inputs: readonly string[];
  /** Shape of the value without the batch axis, images [height, width, channels]. */
  readonly shape: readonly number[];
  /** Role (`kernel`, `bias`, ..) to the weight's name in the manifest. */
  readonly weights: Readonly<Record<string, string>>;
  /** The last step of an activation whose op alone does not tell that it is one. */
  readonly isActivation?: true;
}

/** What comes after the scores: how probabilities follow from logits. */
export interface Head {
  /** The node whose values are the class scores before softmax or sigmoid. */
  readonly logits: string;
  /** The node of the probabilities; null where the model ends in its scores. */
  readonly probabilities: string | null;
  readonly activation: 'softmax' | 'sigmoid' | 'linear';
  /**
   * Shape of the scores without the batch axis: [classes], of a segmentation [rows, columns, classes].
   * A softmax is over the last axis.
   */
  readonly shape: readonly number[];
  /** Number of scores: the product of `shape`. */
  readonly classes: number;
  /** How boxes are read from it, where it is a detector's. */
  readonly detector?: Detector;
}

/** A model's topology as plain data: no weights, no runtime. */
export interface Network {
  readonly name: string;
  /** In an order in which every node comes after its inputs. */
  readonly nodes: readonly GraphNode[];
  /** Names of the input nodes. */
  readonly inputs: readonly string[];
  /** Inputs whose height or width the model leaves open; absent where none does. */
  readonly openInputs?: readonly string[];
  /** One for each output of the model. */
  readonly heads: readonly Head[];
  /** Layers as the model's author named them, in order, each with the node that holds its output. */
  readonly layers: ReadonlyMap<string, string>;
  /** What the reader changed or assumed, one line each. */
  readonly notes: readonly string[];
}

/**
 * The node of that name.
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
    `model ${network.name} has no layer '${name}'${candidates.length === 0 ? '' : `; did you mean ${candidates.map((c) => `'${c}'`).join(', ')}?`}`,
    { candidates },
  );
}

/** The model's first output, which explanations are about unless told otherwise. */
export function mainHead(network: Network): Head {
  const head = network.heads[0];
  if (head === undefined) throw new GradcamError('model', `model ${network.name} has no output`);
  return head;
}
