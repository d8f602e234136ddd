import { LimitError } from '../../errors.ts';
import { MAX_PICKLE_MEMO, MAX_PICKLE_VALUES } from '../../bytes/limits.ts';
import type { LiteralContext } from './literals.ts';
import type { CallContext, PickleDialect } from './numpy-globals.ts';
import type { PickleValue } from './values.ts';

/** The stacks and the memo of a pickle that is being read. */
export interface Machine extends LiteralContext, CallContext {
  readonly dialect: PickleDialect;
  /** The values since the last mark. `marks` holds the stacks below it. */
  stack: PickleValue[];
  readonly marks: PickleValue[][];
  readonly memo: Map<number, PickleValue>;
  /** The number of values on all stacks together. */
  depth: number;
}

/** Pushes a new object, which the budget counts. */
export function make(machine: Machine, value: PickleValue): void {
  machine.budget.spend('objects in a pickle', 1);
  push(machine, value);
}

/** Pushes a value. */
export function push(machine: Machine, value: PickleValue): void {
  machine.stack.push(value);
  countValue(machine);
}

/** Counts one more value on the stacks, which have a limit. */
export function countValue(machine: Machine): void {
  machine.depth++;
  if (machine.depth > MAX_PICKLE_VALUES) {
    throw new LimitError('values on the pickle stack', MAX_PICKLE_VALUES, machine.depth);
  }
}

/** Returns the top of the stack and leaves it there. */
export function peek(machine: Machine): PickleValue {
  const value = machine.stack.at(-1);
  if (value === undefined) throw machine.reader.fail('the stack is empty');
  return value;
}

/** Removes the top of the stack and returns it. */
export function pop(machine: Machine): PickleValue {
  const value = machine.stack.pop();
  if (value === undefined) throw machine.reader.fail('the stack is empty');
  machine.depth--;
  return value;
}

/** Removes the top `count` values and returns them in the order in which they were pushed. */
export function popMany(machine: Machine, count: number): PickleValue[] {
  return Array.from({ length: count }, () => pop(machine)).reverse();
}

/** Removes the last mark and everything above it, and returns these values. */
export function popMark(machine: Machine): PickleValue[] {
  const outer = machine.marks.pop();
  if (outer === undefined) throw machine.reader.fail('no mark on the stack');
  const items = machine.stack;
  machine.stack = outer;
  machine.depth -= items.length + 1;
  return items;
}

/** Stores the top of the stack in the memo. */
export function memorise(machine: Machine, index: number): void {
  machine.memo.set(index, peek(machine));
  if (machine.memo.size > MAX_PICKLE_MEMO) {
    throw new LimitError('pickle memo entries', MAX_PICKLE_MEMO, machine.memo.size);
  }
}

/** Pushes a value from the memo. */
export function recall(machine: Machine, index: number): void {
  const value = machine.memo.get(index);
  if (value === undefined)
    throw machine.reader.fail(`memo index ${index} is read but was never stored`);
  push(machine, value);
}
