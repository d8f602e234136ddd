import type { LayerAttributes } from '../layer-attributes.ts';
import type { Activation } from './activation-functions.ts';
import { readFunction } from './activation.ts';
import type { LayerCall } from './layer-reader.ts';
import type { Term, Terms } from './terms.ts';

/**
 * One step of a recurrent layer. Values are rows: an input is [1, features], a state [1, units]. Equations:
 * Keras 3.15, `keras/src/layers/rnn`; Keras 2 and tfjs-layers compute the same.
 */
export interface Cell {
  /** Features of each state. */
  readonly states: readonly number[];
  /** Which state is the cell's output. */
  readonly output: number;
  /** The part of a step that depends on the input alone, for any number of rows together. */
  project(rows: Term): Term;
  /** The states after a step. */
  step(projected: Term, states: readonly Term[]): readonly Term[];
}

/** What a cell is read from. */
export interface CellSource extends Pick<LayerCall, 'name' | 'writer'> {
  readonly attributes: LayerAttributes;
  /** The features of an input. */
  readonly features: number;
  /** The name of one of the cell's weights, after checking its shape. */
  weight(role: 'kernel' | 'recurrent_kernel' | 'bias', shape: readonly number[]): string;
}

/** `SimpleRNNCell`: h' = f(W x + U h + b) */
export function readSimpleCell(source: CellSource, terms: Terms): Cell {
  const { units, dense, hasBias } = readSizes(source, 1, terms);
  const activation = readFunction(source, 'activation', 'tanh');
  return {
    states: [units],
    output: 0,
    project: (rows) => dense(rows, 'kernel', hasBias),
    step: (projected, [h]) => [
      activation(terms.add(projected, dense(h!, 'recurrent_kernel')), terms),
    ],
  };
}

/**
 * `LSTMCell`, with the gates in the order i, f, c, o:
 *
 *     c' = f c + i tanh(..), h' = o tanh(c')
 */
export function readLstmCell(source: CellSource, terms: Terms): Cell {
  const { units, dense, hasBias } = readSizes(source, 4, terms);
  const { activation, gate } = readFunctions(source);
  return {
    states: [units, units],
    output: 0,
    project: (rows) => dense(rows, 'kernel', hasBias),
    step(projected, [h, c]) {
      const sums = terms.add(projected, dense(h!, 'recurrent_kernel'));
      const part = (k: number): Term => terms.slice(sums, 1, k * units, units);
      const kept = terms.multiply(gate(part(1), terms), c!);
      const added = terms.multiply(gate(part(0), terms), activation(part(2), terms));
      const memory = terms.add(kept, added);
      return [terms.multiply(gate(part(3), terms), activation(memory, terms)), memory];
    },
  };
}

/**
 * `GRUCell`, with the gates in the order z, r, h:
 *
 *     h' = z h + (1 - z) f(W x + b + r (U h + b'))   with `reset_after`, the default since Keras 2.1
 *     h' = z h + (1 - z) f(W x + b + U (r h))        without
 */
export function readGruCell(source: CellSource, terms: Terms): Cell {
  // tfjs-layers has no such attribute and computes the second form.
  const resetsAfter = source.attributes.flag('reset_after', false);
  const { units, dense, hasBias, weight } = readSizes(source, 3, terms);
  const { activation, gate } = readFunctions(source);
  const part = (sums: Term, k: number): Term => terms.slice(sums, 1, k * units, units);
  const bias = resetsAfter && hasBias ? weight('bias', [2, 3 * units]) : null;
  const plusBias = (sums: Term, row: number): Term =>
    bias === null ? sums : terms.add(sums, terms.slice(bias, 0, row, 1));
  /** The columns of the recurrent kernel that make the candidate. */
  const candidates = terms.slice(
    weight('recurrent_kernel', [units, 3 * units]),
    1,
    2 * units,
    units,
  );
  return {
    states: [units],
    output: 0,
    project: (rows) =>
      resetsAfter ? plusBias(dense(rows, 'kernel'), 0) : dense(rows, 'kernel', hasBias),
    step(projected, [h]) {
      const recurrent = plusBias(dense(h!, 'recurrent_kernel'), 1);
      const sum = (k: number): Term => terms.add(part(projected, k), part(recurrent, k));
      const [update, reset] = [gate(sum(0), terms), gate(sum(1), terms)];
      const product = resetsAfter
        ? terms.multiply(reset, part(recurrent, 2))
        : terms.apply(
            { kind: 'matMul', transposeA: false, transposeB: false },
            [terms.multiply(reset, h!), candidates],
            [1, units],
          );
      const candidate = activation(terms.add(part(projected, 2), product), terms);
      const rest = terms.affine(update, [-1], [1]);
      return [terms.add(terms.multiply(update, h!), terms.multiply(rest, candidate))];
    },
  };
}

/** The functions of a cell. Where none is stated for the gates, that of tfjs-layers differs from Keras's. */
function readFunctions(source: CellSource): { activation: Activation; gate: Activation } {
  const usual = source.writer === 'tfjs' ? 'hard_sigmoid' : 'sigmoid';
  return {
    activation: readFunction(source, 'activation', 'tanh'),
    gate: readFunction(source, 'recurrent_activation', usual),
  };
}

/** Reads what all cells have. `gates` is the number of products that are computed together. */
function readSizes(source: CellSource, gates: number, terms: Terms) {
  const { attributes, features } = source;
  const units = attributes.number('units');
  if (!Number.isInteger(units) || units < 1) attributes.refuse('units', 'a number from 1 on');
  const hasBias = attributes.flag('use_bias', true);
  // These only act in training, or say how the same sums are computed.
  for (const name of ['dropout', 'recurrent_dropout', 'implementation', 'unit_forget_bias']) {
    attributes.raw(name);
  }
  const width = gates * units;
  const shapes = { kernel: [features, width], recurrent_kernel: [units, width] };
  /** `rows` times a kernel, with the bias where it is one row. */
  const dense = (rows: Term, role: keyof typeof shapes, withBias = false): Term => {
    const weights: Record<string, string> = { kernel: source.weight(role, shapes[role]) };
    if (withBias) weights['bias'] = source.weight('bias', [width]);
    return terms.apply({ kind: 'dense' }, [rows], [rows.shape[0]!, width], { weights });
  };
  const weight = (role: Parameters<CellSource['weight']>[0], shape: readonly number[]): Term =>
    terms.apply({ kind: 'constant' }, [], shape, {
      weights: { value: source.weight(role, shape) },
    });
  return { units, dense, hasBias, weight };
}
