import { lazyConstant, type Constant } from '../../graph/constant.ts';
import { arrange, reshapeValue, transposeValue } from '../../graph/layout.ts';
import type { NodeValue } from '../../graph/value.ts';
import { MAX_STEPS } from '../../layers-model/layers/find-cells.ts';
import { createTerms, type Term, type Terms } from '../../layers-model/layers/terms.ts';
import {
  constantAt,
  contradictory,
  requireConstant,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';
import {
  createCell,
  gatesOf,
  statesOf,
  type RecurrentCell,
  type RecurrentType,
} from './recurrent-cells.ts';

/**
 * `LSTM`, `GRU` and `RNN`, written as one step after another, so that their gradient is that of any other
 * graph. Sizes: X [steps, items, features], Y [steps, directions, items, units], and the last states
 * [directions, items, units]; with `layout` 1 the items come first.
 */
const translateRecurrent =
  (type: RecurrentType): Translate =>
  (call) => {
    const work = readCall(call, type);
    const directions = work.directions.map((isBackwards, at) => unroll(work, isBackwards, at));
    const { steps, items, units } = work;
    const { terms } = work;
    const rows = directions.map(({ outputs }) => terms.reshape(outputs, [steps, 1, items, units]));
    const y = valueOf(
      call,
      work,
      terms.concatenate(rows, 1),
      [steps, rows.length, items, units],
      2,
    );
    const states = statesOf(type).map((_, k) => {
      const last = directions.map((one) => terms.reshape(one.states[k]!, [1, items, units]));
      return valueOf(call, work, terms.concatenate(last, 0), [last.length, items, units], 1);
    });
    if (!work.itemsFirst) return [y, ...states];
    return [
      transposeValue(y, [2, 0, 1, 3]),
      ...states.map((state) => transposeValue(state, [1, 0, 2])),
    ];
  };

export const recurrentTranslators: Readonly<Record<string, Translate>> = {
  LSTM: translateRecurrent('LSTM'),
  GRU: translateRecurrent('GRU'),
  RNN: translateRecurrent('RNN'),
};

/** What all directions of a node share. */
interface Work {
  readonly call: OnnxCall;
  readonly type: RecurrentType;
  readonly terms: Terms;
  /** The rows of all steps, [steps * items, features]: those of a step lie together. */
  readonly rows: Term;
  readonly steps: number;
  readonly items: number;
  readonly features: number;
  readonly units: number;
  /** How many steps count; those behind them give zeros. */
  readonly counted: number;
  /** For each direction whether it begins at the last step that counts. */
  readonly directions: readonly boolean[];
  readonly itemsFirst: boolean;
  /** Whether the items are the batch, which the network does not store. */
  readonly isBatch: boolean;
  readonly activations: readonly string[];
}

const usualActivations: Readonly<Record<RecurrentType, readonly string[]>> = {
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  RNN: ['Tanh'],
};

function readCall(call: OnnxCall, type: RecurrentType): Work {
  const { attributes } = call;
  refuseRare(call);
  const itemsFirst = attributes.integer('layout', 0) === 1;
  const given = valueAt(call, 0);
  if (given.shape.length !== 3) {
    throw contradictory(call, `a sequence [${given.shape.join(', ')}] that has not three axes`);
  }
  const sequence = itemsFirst ? transposeValue(given, [1, 0, 2]) : given;
  const [steps = 1, items = 1, features = 1] = sequence.shape;
  if (sequence.batch !== null && sequence.batch !== 1) {
    throw unsupported(
      call,
      'it reads the pictures of a batch as the steps of one sequence, so that what it says of a picture depends on the others; export it with the batch as its second axis',
    );
  }
  const units = unitsOf(call, type, features);
  const directions = readDirections(call);
  if (steps * directions.length > MAX_STEPS) {
    throw unsupported(
      call,
      `it takes ${steps * directions.length} steps; at most ${MAX_STEPS} are translated, since each becomes nodes of its own`,
    );
  }
  const terms = createTerms(nodesOf(call));
  const node = arrange(call.builder, sequence, items === 1 ? [0, 2] : [0, 1, 2]);
  const stored = call.builder.nodes.get(node)!.shape;
  const rows = terms.reshape(terms.of({ node, shape: stored }), [steps * items, features]);
  return {
    ...{ call, type, terms, rows, steps, items, features, units, directions, itemsFirst },
    counted: readLengths(call, steps, items),
    isBatch: sequence.batch === 1,
    activations: readActivations(call, type, directions.length),
  };
}

/** Emits the nodes of a formula into the network of the file. */
function nodesOf({ builder }: OnnxCall): Parameters<typeof createTerms>[0] {
  return {
    emit: (op, inputs, shape, { weights = {} } = {}) => ({
      node: builder.emit(
        op,
        inputs.map(({ node }) => node),
        shape,
        { weights },
      ),
      shape,
    }),
  };
}

function refuseRare(call: OnnxCall): void {
  const { attributes } = call;
  const isClipped = attributes.raw('clip') !== null;
  if (isClipped || attributes.flag('input_forget', false)) {
    const name = isClipped ? 'clip' : 'input_forget';
    throw unsupported(call, `its attribute ${name} is not supported`);
  }
  // Of the functions that are read, none has such a number.
  attributes.ignore('activation_alpha', 'activation_beta');
}

function unitsOf(call: OnnxCall, type: RecurrentType, features: number): number {
  const { shape } = requireConstant(call, 1, 'weights W');
  const units = call.attributes.integer('hidden_size', (shape[1] ?? 0) / gatesOf(type));
  if (shape.length === 3 && shape[1] === gatesOf(type) * units && shape[2] === features) {
    return units;
  }
  throw contradictory(
    call,
    `weights W [${shape.join(', ')}] for ${features} features and ${units} units`,
  );
}

function readDirections(call: OnnxCall): readonly boolean[] {
  const direction = call.attributes.text('direction', 'forward');
  const known: Readonly<Record<string, readonly boolean[]>> = {
    forward: [false],
    reverse: [true],
    bidirectional: [false, true],
  };
  const found = Object.hasOwn(known, direction) ? known[direction]! : null;
  if (found === null) throw unsupported(call, `its direction '${direction}' is not supported`);
  const { shape } = requireConstant(call, 1, 'weights W');
  if (shape[0] === found.length) return found;
  throw contradictory(call, `weights W of ${shape[0]} directions for ${direction}`);
}

/** How many steps count. All items must have as many. */
function readLengths(call: OnnxCall, steps: number, items: number): number {
  const lengths = constantAt(call, 4, 'sequence_lens');
  if (lengths === null) return steps;
  const [first = steps, ...others] = lengths.values();
  if (lengths.values().length !== items || !(first >= 1 && first <= steps)) {
    throw contradictory(
      call,
      `sequence_lens ${[...lengths.values()].join(', ')} of ${steps} steps`,
    );
  }
  if (others.some((length) => length !== first)) {
    throw unsupported(call, 'its sequences have several lengths, which is not supported');
  }
  return first;
}

/** The functions of all directions; only those without a number of their own are read. */
function readActivations(
  call: OnnxCall,
  type: RecurrentType,
  directions: number,
): readonly string[] {
  const usual = usualActivations[type];
  const all = new Array<readonly string[]>(directions).fill(usual).flat();
  const stated = call.attributes.raw('activations')?.texts ?? all;
  if (stated.length !== all.length) {
    throw contradictory(call, `${stated.length} activations, not ${all.length}`);
  }
  const other = stated.find((name) => !/^(sigmoid|tanh|relu)$/i.test(name));
  if (other === undefined) return stated;
  throw unsupported(
    call,
    `its activation ${other} is not supported; expected Sigmoid, Tanh or Relu`,
  );
}

/** The outputs of a direction in the order of the steps, [steps * items, units], and its last states. */
function unroll(
  work: Work,
  isBackwards: boolean,
  direction: number,
): { readonly outputs: Term; readonly states: readonly Term[] } {
  const { call, terms, rows, steps, items, units, counted } = work;
  const cell = readCell(work, direction);
  const projected = keep(terms, cell.project(rows));
  let states = statesOf(work.type).map((input) => readInitial(work, input, direction));
  const outputs = new Array<Term>(counted);
  for (let i = 0; i < counted; i++) {
    const at = isBackwards ? counted - 1 - i : i;
    const now = terms.slice(projected, 0, at * items, items);
    states = cell.step(now, states).map((state) => keep(terms, state));
    outputs[at] = states[0]!;
  }
  if (counted < steps) outputs.push(zeros(call, terms, [(steps - counted) * items, units]));
  return { outputs: terms.concatenate(outputs, 0), states };
}

function readCell({ call, type, terms, features, units, activations }: Work, direction: number) {
  const gates = gatesOf(type);
  const of = (index: number, name: string, shape: readonly number[]): Constant | null => {
    const constant = constantAt(call, index, `weights ${name}`);
    const own = constant?.shape.slice(1) ?? shape;
    if (own.join() === shape.join()) return constant && partOf(constant, direction, shape);
    throw contradictory(call, `weights ${name} [${constant!.shape.join(', ')}] for ${units} units`);
  };
  const count = usualActivations[type].length;
  const cell: RecurrentCell = {
    ...{ type, units, features, builder: call.builder },
    kernel: of(1, 'W', [gates * units, features])!,
    recurrent: of(2, 'R', [gates * units, units]) ?? requireConstant(call, 2, 'weights R'),
    bias: of(3, 'B', [2 * gates * units]),
    peepholes: type === 'LSTM' ? of(7, 'P', [3 * units]) : null,
    functions: activations.slice(direction * count, (direction + 1) * count),
    resetsAfter: type === 'GRU' && call.attributes.flag('linear_before_reset', false),
  };
  return createCell(cell, terms);
}

/** The weights of one direction. */
function partOf(constant: Constant, direction: number, shape: readonly number[]): Constant {
  const size = shape.reduce((product, length) => product * length, 1);
  const make = () => constant.values().slice(direction * size, (direction + 1) * size);
  return lazyConstant(`${constant.name} (direction ${direction})`, 'float', shape, make);
}

/** The state [items, units] before the first step; zeros where none is given. */
function readInitial(work: Work, input: number, direction: number): Term {
  const { call, terms, items, units, directions, itemsFirst } = work;
  const found = call.inputs[input];
  if (found === undefined || found === null) return zeros(call, terms, [items, units]);
  const given = valueAt(call, input);
  const value = itemsFirst ? transposeValue(given, [1, 0, 2]) : given;
  if (value.shape.join() !== [directions.length, items, units].join()) {
    throw contradictory(call, `a first state [${given.shape.join(', ')}]`);
  }
  const flat = reshapeValue(call.builder, { ...value, batch: null }, [
    directions.length * items,
    units,
  ]);
  const node = arrange(call.builder, flat, [0, 1]);
  const all = terms.of({ node, shape: [directions.length * items, units] });
  return terms.slice(all, 0, direction * items, items);
}

function zeros({ builder }: OnnxCall, terms: Terms, shape: readonly number[]): Term {
  const make = (): Float32Array => new Float32Array(shape[0]! * shape[1]!);
  const value = builder.weight(`zeros [${shape.join(', ')}]`, shape, make);
  const node = builder.emit({ kind: 'constant' }, [], shape, { weights: { value } });
  return terms.of({ node, shape });
}

/** Emits a term now, so that a long chain of steps is not emitted by as long a chain of calls. */
function keep(terms: Terms, term: Term): Term {
  return terms.of(term.write('step'));
}

/** A term as a value of the file; `at` is the axis of the items. */
function valueOf(
  { builder }: OnnxCall,
  { isBatch, items }: Work,
  term: Term,
  shape: readonly number[],
  at: number,
): NodeValue {
  const { node } = term.write('step');
  const all = shape.map((_, axis) => axis);
  const value = { kind: 'node', node, shape, order: all, batch: null, channels: null } as const;
  if (items !== 1) return value;
  const order = all.filter((axis) => axis !== at);
  return {
    ...value,
    order,
    node: arrange(builder, value, order),
    batch: isBatch ? at : null,
    channels: shape.length - 1,
  };
}
