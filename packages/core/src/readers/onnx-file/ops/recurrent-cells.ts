import type { Constant } from '../../graph/constant.ts';
import type { GraphBuilder } from '../../graph/graph-builder.ts';
import { transposeValues } from '../../graph/transpose-values.ts';
import type { Term, Terms } from '../../layers-model/layers/terms.ts';

export type RecurrentType = 'LSTM' | 'GRU' | 'RNN';

const gates: Readonly<Record<RecurrentType, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

/** Number of products that a cell computes together. */
export function gatesOf(type: RecurrentType): number {
  return gates[type];
}

/** The inputs of the node that give each state before the first step: h, and for an LSTM c. */
export function statesOf(type: RecurrentType): readonly number[] {
  return type === 'LSTM' ? [5, 6] : [5];
}

/** The weights of one direction of a recurrent node, in the file's order. */
export interface RecurrentCell {
  readonly type: RecurrentType;
  readonly units: number;
  readonly features: number;
  readonly builder: GraphBuilder;
  /** W, [gates * units, features] */
  readonly kernel: Constant;
  /** R, [gates * units, units] */
  readonly recurrent: Constant;
  /** Those of W and then those of R, [2 * gates * units]; null for none. */
  readonly bias: Constant | null;
  /** Of the gates i, o and f of an LSTM, [3 * units]; null for none. */
  readonly peepholes: Constant | null;
  /** Names of the functions f, g and h of the equations. */
  readonly functions: readonly string[];
  /** Whether the reset gate of a GRU multiplies behind the product (`linear_before_reset`). */
  readonly resetsAfter: boolean;
}

/** One step of a node. Values are rows, [items, ..]. */
export interface RecurrentStep {
  /** The part of a step that depends on the input alone, for the rows of all steps together. */
  project(rows: Term): Term;
  /** The states after a step; the first is the output. */
  step(projected: Term, states: readonly Term[]): readonly Term[];
}

/**
 * The equations of ONNX (operators LSTM-22, GRU-22 and RNN-22), where `.` is a product of elements:
 *
 *     RNN   h' = f(W x + R h + b)
 *     LSTM  gates in the order i, o, f, c
 *           c' = f . c + i . g(..), h' = o . h(c'), with i, f = f(.. + p . c) and o = f(.. + p . c')
 *     GRU   gates in the order z, r, h
 *           h' = (1 - z) . g(W x + U (r . h) + b) + z . h, or g(W x + b + r . (U h + b')) behind the product
 */
export function createCell(cell: RecurrentCell, terms: Terms): RecurrentStep {
  switch (cell.type) {
    case 'RNN':
      return createPlain(cell, terms);
    case 'LSTM':
      return createLstm(cell, terms);
    case 'GRU':
      return createGru(cell, terms);
  }
}

type Activation = (x: Term) => Term;

function activationOf(name: string, terms: Terms): Activation {
  switch (name.toLowerCase()) {
    case 'sigmoid':
      return (x) => terms.sigmoid(x);
    case 'relu':
      return (x) => terms.relu(x);
    default:
      return (x) => terms.fn(x, { name: 'tanh' });
  }
}

function createPlain(cell: RecurrentCell, terms: Terms): RecurrentStep {
  const activation = activationOf(cell.functions[0]!, terms);
  return {
    project: (rows) => product(cell, cell.kernel, rows, terms, bothBiases(cell)),
    step: (projected, [h]) => [
      activation(terms.add(projected, product(cell, cell.recurrent, h!, terms))),
    ],
  };
}

function createLstm(cell: RecurrentCell, terms: Terms): RecurrentStep {
  const { units, functions } = cell;
  const [gate, candidate, output] = functions.map((name) => activationOf(name, terms)) as [
    Activation,
    Activation,
    Activation,
  ];
  const peep = (sum: Term, c: Term, k: number): Term => {
    const weight = peephole(cell, k, terms);
    return weight === null ? sum : terms.add(sum, terms.multiply(weight, c));
  };
  return {
    project: (rows) => product(cell, cell.kernel, rows, terms, bothBiases(cell)),
    step(projected, [h, c]) {
      const sums = terms.add(projected, product(cell, cell.recurrent, h!, terms));
      const part = (k: number): Term => terms.slice(sums, 1, k * units, units);
      const taken = gate(peep(part(0), c!, 0));
      const kept = gate(peep(part(2), c!, 2));
      const added = terms.multiply(taken, candidate(part(3)));
      const memory = terms.add(terms.multiply(kept, c!), added);
      return [terms.multiply(gate(peep(part(1), memory, 1)), output(memory)), memory];
    },
  };
}

function createGru(cell: RecurrentCell, terms: Terms): RecurrentStep {
  const { units, functions, resetsAfter } = cell;
  const [gate, candidate] = functions.map((name) => activationOf(name, terms)) as [
    Activation,
    Activation,
  ];
  const part = (sums: Term, k: number): Term => terms.slice(sums, 1, k * units, units);
  // Only the candidate's own bias stands behind the product that the reset gate multiplies.
  const inFront = resetsAfter ? biasOf(cell, 0) : bothBiases(cell);
  const behind = resetsAfter ? biasOf(cell, 1) : null;
  return {
    project: (rows) => product(cell, cell.kernel, rows, terms, inFront),
    step(projected, [h]) {
      const recurrent = product(cell, cell.recurrent, h!, terms, behind, resetsAfter ? 3 : 2);
      const sum = (k: number): Term => terms.add(part(projected, k), part(recurrent, k));
      const [update, reset] = [gate(sum(0)), gate(sum(1))];
      const made = resetsAfter
        ? terms.multiply(reset, part(recurrent, 2))
        : product(cell, cell.recurrent, terms.multiply(reset, h!), terms, null, 1, 2);
      const fresh = candidate(terms.add(part(projected, 2), made));
      const rest = terms.affine(update, [-1], [1]);
      return [terms.add(terms.multiply(rest, fresh), terms.multiply(update, h!))];
    },
  };
}

/** A bias by its name, with its values. */
interface Bias {
  readonly name: string;
  read(): Float32Array;
}

/** Half of the bias: that of W (0) or that of R (1). */
function biasOf({ bias, type, units }: RecurrentCell, half: 0 | 1): Bias | null {
  if (bias === null) return null;
  const width = gates[type] * units;
  return {
    name: `${bias.name} (half ${half})`,
    read: () => Float32Array.from(bias.values().subarray(half * width, (half + 1) * width)),
  };
}

/** Both halves of the bias in one. */
function bothBiases({ bias, type, units }: RecurrentCell): Bias | null {
  if (bias === null) return null;
  const width = gates[type] * units;
  return {
    name: `${bias.name} (both halves)`,
    read() {
      const values = bias.values();
      return Float32Array.from({ length: width }, (_, i) => values[i]! + values[width + i]!);
    },
  };
}

/**
 * Rows times the turned matrix [gates * units, in] of the file, or times some of its gates.
 *
 * @param count how many gates are computed, from the gate `first` on.
 */
function product(
  { builder, type, units }: RecurrentCell,
  matrix: Constant,
  rows: Term,
  terms: Terms,
  bias: Bias | null = null,
  count = gates[type],
  first = 0,
): Term {
  const [outputs, inputs] = [count * units, matrix.shape[1]!];
  const isWhole = count === gates[type];
  const part = isWhole ? '' : ` (gates ${first} to ${first + count - 1})`;
  const kernel = builder.weight(`${matrix.name} (turned)${part}`, [inputs, outputs], () => {
    const values = matrix
      .values()
      .subarray(first * units * inputs, (first * units + outputs) * inputs);
    return transposeValues(values, [outputs, inputs], [1, 0]);
  });
  const weights = {
    kernel,
    ...(bias === null ? {} : { bias: builder.weight(bias.name, [outputs], bias.read) }),
  };
  return terms.apply({ kind: 'dense' }, [rows], [rows.shape[0]!, outputs], { weights });
}

/** The peephole of a gate, [1, units]; null for a cell without. */
function peephole(
  { peepholes, units, builder }: RecurrentCell,
  gate: number,
  terms: Terms,
): Term | null {
  if (peepholes === null) return null;
  const shape = [1, units];
  const value = builder.weight(`${peepholes.name} (gate ${gate})`, shape, () =>
    Float32Array.from(peepholes.values().subarray(gate * units, (gate + 1) * units)),
  );
  const node = builder.emit({ kind: 'constant' }, [], shape, { weights: { value } });
  return terms.of({ node, shape });
}
