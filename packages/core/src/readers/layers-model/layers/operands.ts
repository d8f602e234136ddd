import { GradcamError } from '../../../base/errors.ts';
import type { Argument, CallArguments } from '../layer-calls.ts';
import type { LayerCall } from './layer-reader.ts';
import type { Numbers, Term, Terms } from './terms.ts';

/** An operand of an operator: a value, or a constant of the JSON. */
export type Operand =
  | { readonly kind: 'value'; readonly term: Term }
  | { readonly kind: 'constant'; readonly value: unknown };

/** A call of an operator. */
export interface OperatorCall {
  readonly call: LayerCall;
  readonly terms: Terms;
  /** The positional arguments, with lists expanded, followed by the named arguments that are values. */
  readonly operands: readonly Operand[];
  /**
   * The first of these names that the call states as a constant, or else that the operator's configuration
   * states.
   */
  option(...names: readonly string[]): unknown;
  /**
   * Ends the reading of the arguments.
   *
   * @throws GradcamError `unsupported` for a named argument that has a value and that nobody read.
   */
  finish(): void;
  /** @throws GradcamError `unsupported` naming the layer, the operator and what is not supported. */
  refuse(reason: string): never;
}

/** Names that functions of TensorFlow and operators of Keras give their second operand. */
const secondOperands: readonly string[] = ['y', 'x2'];

/** @param title the operator's name in the program that wrote the model. */
export function readOperatorCall(
  call: LayerCall,
  { args, kwargs }: CallArguments,
  terms: Terms,
  title: string,
): OperatorCall {
  const toOperands = (argument: Argument): Operand[] => {
    if (argument.kind === 'list') return argument.items.flatMap(toOperands);
    if (argument.kind === 'constant') return [argument];
    return [{ kind: 'value', term: terms.of(call.inputs[argument.place]!) }];
  };
  const named = Object.entries(kwargs).filter(
    ([name, argument]) =>
      argument.kind !== 'constant' ||
      (secondOperands.includes(name) && argument.value !== null && argument.value !== undefined),
  );
  const constants = new Map(
    Object.entries(kwargs).map(([name, one]) => [name, one.kind === 'constant' ? one.value : null]),
  );
  const read = new Set(['name', 'training', ...named.map(([name]) => name)]);
  const refuse = (reason: string): never => {
    throw new GradcamError('unsupported', `layer ${call.name} (${title}): ${reason}`);
  };
  return {
    call,
    terms,
    operands: [...args, ...named.map(([, argument]) => argument)].flatMap(toOperands),
    option(...names) {
      for (const name of names) {
        read.add(name);
        const value = constants.get(name) ?? call.attributes.raw(name);
        if (value !== undefined && value !== null) return value;
      }
      return undefined;
    },
    finish() {
      for (const [name, value] of constants) {
        if (read.has(name) || value === null || value === undefined || value === false) continue;
        refuse(`argument ${name} is ${JSON.stringify(value)}, which is not supported`);
      }
    },
    refuse,
  };
}

/** The only operand of an operator that takes one value. */
export function onlyTerm(call: OperatorCall): Term {
  const values = call.operands.flatMap((one) => (one.kind === 'value' ? [one.term] : []));
  return values.length === 1
    ? values[0]!
    : call.refuse(`expected one value, found ${values.length}`);
}

/**
 * A constant that is combined with a value: one number, or one for each element of the last axis. It may be
 * nested in lists if all other axes have size 1.
 *
 * @throws GradcamError `unsupported` for a constant with other axes.
 */
export function readNumbers(call: OperatorCall, value: unknown, shape: readonly number[]): Numbers {
  const sizes = shapeOf(value);
  const numbers: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  const last = sizes.at(-1) ?? 1;
  const isRow = sizes.every((size, axis) => size === 1 || axis === sizes.length - 1);
  const fits = isRow && (last === 1 || last === shape.at(-1)) && sizes.length <= shape.length + 1;
  if (!numbers.every((one) => typeof one === 'number' && Number.isFinite(one))) {
    return call.refuse(`a constant is ${JSON.stringify(value)?.slice(0, 60)}, expected numbers`);
  }
  if (!fits) {
    return call.refuse(
      `a constant has shape [${sizes.join(', ')}], expected one number, or one for each of ${shape.at(-1)} channels`,
    );
  }
  return numbers as number[];
}

function shapeOf(value: unknown): number[] {
  const sizes: number[] = [];
  for (let at = value; Array.isArray(at); at = (at as unknown[])[0]) sizes.push(at.length);
  return sizes;
}

/** An axis counted from 0, without the batch. */
export function readAxis(call: OperatorCall, axis: unknown, rank: number): number {
  const found = typeof axis !== 'number' ? NaN : axis < 0 ? rank + axis : axis - 1;
  if (Number.isInteger(found) && found >= 0 && found < rank) return found;
  return call.refuse(`axis is ${JSON.stringify(axis)}, expected one after the batch's`);
}
