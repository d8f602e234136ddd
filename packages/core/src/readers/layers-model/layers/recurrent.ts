import type { LayerCall, Value } from './layer-reader.ts';
import { cellNames, readCells, type Direction } from './find-cells.ts';
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
  const flags = readFlags(layer);
  const cell = readCells(layer, features!, terms, cells);
  const projected = keep(terms, cell.project(terms.of(sequence)));
  const initial = readInitial(layer, cell, given, projected, terms);
  const mask =
    sequence.mask === undefined
      ? null
      : terms.reshape(terms.of({ node: sequence.mask, shape: [steps!] }), [steps!, 1]);
  const { outputs, states } = takeSteps({ cell, projected, initial, mask, terms, ...flags });
  const last = outputs.at(-1)!;
  return {
    outputs: flags.returnsSequence
      ? terms.concatenate(outputs, 0)
      : terms.reshape(last, [last.shape[1]!]),
    states: flags.returnsState
      ? states.map((state) => terms.reshape(state, [state.shape[1]!]))
      : [],
    mask: flags.returnsSequence ? sequence.mask : undefined,
    isSequence: flags.returnsSequence,
  };
}

function readFlags({ attributes }: Direction) {
  if (attributes.flag('stateful', false)) {
    attributes.refuse(
      'stateful',
      'false: what such a layer says depends on the runs before, so there is no one explanation',
    );
  }
  if (attributes.flag('time_major', false)) attributes.refuse('time_major', 'false');
  // How the same sums are computed.
  for (const name of ['unroll', 'use_cudnn']) attributes.raw(name);
  return {
    returnsSequence: attributes.flag('return_sequences', false),
    returnsState: attributes.flag('return_state', false),
    isBackwards: attributes.flag('go_backwards', false),
    zeroesMasked: attributes.flag('zero_output_for_mask', false),
  };
}

/** What {@link takeSteps} works on. */
interface Steps {
  readonly cell: Cell;
  /** The part of each step that depends on the input alone, [steps, ..]. */
  readonly projected: Term;
  readonly initial: readonly Term[];
  /** [steps, 1]: 1 where a step counts; null where all do. */
  readonly mask: Term | null;
  readonly terms: Terms;
  readonly isBackwards: boolean;
  /** Whether the output of a step that does not count is zero, and not that of the step before. */
  readonly zeroesMasked: boolean;
}

/** The outputs of all steps, in the order in which they are taken, and the states after the last one. */
function takeSteps(work: Steps): { outputs: readonly Term[]; states: readonly Term[] } {
  const { cell, projected, initial, mask, terms, isBackwards, zeroesMasked } = work;
  const length = projected.shape[0]!;
  const outputs: Term[] = [];
  let states = initial;
  for (let i = 0; i < length; i++) {
    const at = isBackwards ? length - 1 - i : i;
    const next = cell.step(terms.slice(projected, 0, at, 1), states);
    if (mask === null) {
      states = next.map((state) => keep(terms, state));
      outputs.push(states[cell.output]!);
      continue;
    }
    const counts = terms.slice(mask, 0, at, 1);
    const choose = (yes: Term, no: Term): Term =>
      keep(terms, terms.apply({ kind: 'select' }, [counts, yes, no], yes.shape));
    const before = states;
    states = next.map((state, k) => choose(state, before[k]!));
    const output = next[cell.output]!;
    const zero = terms.affine(output, [0], [0]);
    outputs.push(choose(output, zeroesMasked ? zero : (outputs.at(-1) ?? zero)));
  }
  return { outputs, states };
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
