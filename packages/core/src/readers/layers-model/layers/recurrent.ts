import type { LayerCall, Value } from './layer-reader.ts';
import { cellNames, readCells, type Direction } from './recurrent-kinds.ts';
import type { Cell } from './recurrent-cells.ts';
import { createTerms, type Term, type Terms } from './terms.ts';

/**
 * Recurrent layers, written as one step after another: [steps, features] to [units], or to [steps, units]
 * with `return_sequences`. Their gradient is then that of any other graph.
 */

/** The reader of `LSTM`, `GRU`, `SimpleRNN`, or `RNN` of their cells. */
export function recurrentReader(className: string): (call: LayerCall) => readonly Value[] {
  return (call) => {
    call.argument('initial_state');
    const terms = createTerms(call);
    const layer = { ...call, className };
    const cells = cellNames(call.weightSuffixes());
    const { outputs, states, mask } = unroll(layer, call.inputs, terms, cells);
    return finish([outputs, ...states], mask);
  };
}

/** What one direction gives. */
export interface Unrolled {
  readonly outputs: Term;
  /** The states after the last step, where the layer returns them. */
  readonly states: readonly Term[];
  /** The mask of the outputs, where they are a sequence. */
  readonly mask: string | undefined;
  readonly isSequence: boolean;
}

/**
 * Writes the steps of a layer.
 *
 * @param inputs the sequence, then the initial states; these are zeros where none are given.
 * @param cells what stands before `kernel` in the name of each cell's weights.
 */
export function unroll(
  layer: Direction,
  inputs: readonly Value[],
  terms: Terms,
  cells: readonly string[],
): Unrolled {
  const { attributes } = layer;
  const [sequence, ...given] = inputs;
  const [steps, features] = sequence?.shape ?? [];
  if (sequence === undefined || sequence.shape.length !== 2) {
    return attributes.refuse('inbound_nodes', 'a sequence [steps, features] as input');
  }
  const returnsSequence = attributes.flag('return_sequences', false);
  const returnsState = attributes.flag('return_state', false);
  const isBackwards = attributes.flag('go_backwards', false);
  const zeroesMasked = attributes.flag('zero_output_for_mask', false);
  if (attributes.flag('stateful', false)) {
    attributes.refuse(
      'stateful',
      'false: what such a layer says depends on the runs before, so there is no one explanation',
    );
  }
  if (attributes.flag('time_major', false)) attributes.refuse('time_major', 'false');
  for (const name of ['unroll', 'use_cudnn']) attributes.raw(name);
  const cell = readCells(layer, features!, terms, cells);
  const rows = cell.project(terms.of(sequence));
  const projected = terms.of(rows.write('step'));
  const initial = readInitial(layer, cell, given, projected, terms);
  const mask =
    sequence.mask === undefined
      ? null
      : terms.reshape(terms.of({ node: sequence.mask, shape: [steps!] }), [steps!, 1]);

  const outputs: Term[] = [];
  let states = initial;
  for (let i = 0; i < steps!; i++) {
    const at = isBackwards ? steps! - 1 - i : i;
    const counts = mask === null ? null : terms.slice(mask, 0, at, 1);
    const choose = (yes: Term, no: Term): Term =>
      counts === null ? yes : terms.apply({ kind: 'select' }, [counts, yes, no], yes.shape);
    const next = cell.step(terms.slice(projected, 0, at, 1), states);
    const before = states;
    states = next.map((state, k) => keep(terms, choose(state, before[k]!)));
    // A step that does not count repeats the output before it, which is zero at first.
    const output = next[cell.output]!;
    if (counts === null) outputs.push(states[cell.output]!);
    else {
      const nothing = terms.affine(output, [0], [0]);
      const no = zeroesMasked ? nothing : (outputs.at(-1) ?? nothing);
      outputs.push(keep(terms, choose(output, no)));
    }
  }
  const last = outputs.at(-1)!;
  return {
    outputs: returnsSequence
      ? terms.concatenate(outputs, 0)
      : terms.reshape(last, [last.shape[1]!]),
    states: returnsState ? states.map((state) => terms.reshape(state, [state.shape[1]!])) : [],
    mask: returnsSequence ? sequence.mask : undefined,
    isSequence: returnsSequence,
  };
}

/** Emits the outputs of a layer: the first has the layer's name, and is the last node. */
export function finish(outputs: readonly Term[], mask: string | undefined): readonly Value[] {
  const [first, ...others] = outputs as [Term, ...Term[]];
  const written = others.map((output) => output.write('step'));
  const value = first.write('output');
  return [mask === undefined ? value : { ...value, mask }, ...written];
}

/** Emits a term now, so that a long chain of steps is not emitted by as long a chain of calls. */
function keep(terms: Terms, term: Term): Term {
  return terms.of(term.write('step'));
}

function readInitial(
  { attributes }: Direction,
  cell: Cell,
  given: readonly Value[],
  projected: Term,
  terms: Terms,
): readonly Term[] {
  if (given.length === 0) {
    const first = terms.slice(terms.slice(projected, 0, 0, 1), 1, 0, 1);
    const zero = keep(terms, terms.affine(first, [0], [0]));
    return cell.states.map((units) => terms.apply({ kind: 'broadcast' }, [zero], [1, units]));
  }
  const isEach = given.every(({ shape }, i) => shape.length === 1 && shape[0] === cell.states[i]);
  if (given.length !== cell.states.length || !isEach) {
    const found = given.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    attributes.refuse(
      'inbound_nodes',
      `initial states of ${cell.states.join(', ')} features, not ${found}`,
    );
  }
  return given.map((state) => terms.reshape(terms.of(state), [1, state.shape[0]!]));
}
