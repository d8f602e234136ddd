import type { TextDescription } from '../artifact/text-description.ts';
import { GradcamError } from '../base/errors.ts';
import { didYouMean, nearestNames } from '../base/nearest-names.ts';
import { findNode, mainHead, type Network } from '../network/network.ts';
import { indexNodes, listReaders } from '../network/walk-graph.ts';

/**
 * Checks the block `text` against the network: its input takes one list of tokens, every word has a row in
 * the table that the tokens are looked up in, and a caption model scores every word at each place.
 *
 * @throws GradcamError `model` naming the field, what the network has and what was stated.
 */
export function checkTextFits(text: TextDescription, network: Network): void {
  const { input, length, vocabulary, role } = text;
  if (!network.inputs.includes(input)) {
    const near = nearestNames(input, network.inputs);
    throw new GradcamError(
      'model',
      `text.input: expected an input of model ${network.name}, which are ${network.inputs.join(', ')}, found '${input}'${didYouMean(near)}`,
    );
  }
  const { shape } = findNode(network, input);
  if (shape.length !== 1 || shape[0] !== length) {
    throw new GradcamError(
      'model',
      `text.length: expected the length of input ${input}, which takes [${shape.join(', ')}], found ${length}`,
    );
  }
  const rows = countRows(input, network);
  if (rows !== null && rows < vocabulary.length) {
    throw new GradcamError(
      'model',
      `text.vocabulary: expected at most ${rows} words, for which the model has rows, found ${vocabulary.length}`,
    );
  }
  if (role === 'question') return;
  const head = mainHead(network);
  // An axis of size 1 may stand between the places and the words.
  const isEach =
    head.shape.at(-1) === vocabulary.length && head.classes === length * vocabulary.length;
  if (isEach && head.activation !== 'sigmoid') return;
  throw new GradcamError(
    'model',
    `text.role: expected a caption's output [${length}, ${vocabulary.length}], a score of each word at each place, found [${head.shape.join(', ')}]${head.activation === 'sigmoid' ? ' with a sigmoid' : ''}`,
  );
}

/** The rows of the smallest table that the tokens are looked up in; null where there is none. */
function countRows(input: string, network: Network): number | null {
  const nodes = indexNodes(network);
  const readers = listReaders(network.nodes);
  // Some files round their whole numbers before they are used as indices.
  const isRounding = (name: string): boolean => {
    const { op } = nodes.get(name)!;
    return op.kind === 'activation' && op.fn.name === 'quantise';
  };
  const same = new Set([input]);
  const rows: number[] = [];
  for (const name of same) {
    for (const reader of readers.get(name) ?? []) {
      if (reader.op.kind === 'lookUp') rows.push(reader.op.rows);
      else if (isRounding(reader.name)) same.add(reader.name);
    }
  }
  return rows.length === 0 ? null : Math.min(...rows);
}
