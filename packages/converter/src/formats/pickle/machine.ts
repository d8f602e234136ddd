import { FormatError, UnsupportedError } from '../../errors.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { SourceReader } from '../../bytes/source-reader.ts';
import { createPickleBudget, type PickleBudget } from './budget.ts';
import { readLine, readLiteral, readUnsigned } from './literals.ts';
import {
  countValue,
  make,
  memorise,
  peek,
  pop,
  popMany,
  popMark,
  push,
  recall,
  type Machine,
} from './machine-state.ts';
import { isKind, NUMPY_DIALECT, toName, type PickleDialect } from './numpy-globals.ts';
import { OPCODES } from './opcodes.ts';
import type { PickleValue } from './values.ts';

const FORMAT = 'pickle';
/** The most bytes that the fixed-size argument of an opcode takes. */
const ARGUMENT_BYTES = 20;
const HIGHEST_PROTOCOL = 5;
const MAX_NAME_LINE = 256;
const MAX_INDEX_DIGITS = 12;

/**
 * Runs the pickle at the start of `source` and returns its value.
 *
 * The interpreter creates numbers, strings, containers and numpy arrays, and nothing else. A long string
 * stays a range of the source, globals come from a list of allowed ones, and no code that a pickle names is
 * run. The opcodes are those of CPython's Lib/pickle.py, protocols 0 to 5.
 *
 * @param budget shared with the other pickles of the same file
 * @throws FormatError, UnsupportedError (an opcode or global that is not allowed), LimitError
 */
export async function runPickle(
  source: RandomAccessSource,
  budget: PickleBudget = createPickleBudget(),
): Promise<PickleValue> {
  return (await runPickleAt(source, 0, budget, NUMPY_DIALECT)).value;
}

/**
 * Runs the pickle that begins at `start`, as {@link runPickle} does, with globals of any dialect.
 *
 * @returns the value, and the offset of the first byte after the pickle.
 */
export async function runPickleAt(
  source: RandomAccessSource,
  start: number,
  budget: PickleBudget,
  dialect: PickleDialect,
): Promise<{ readonly value: PickleValue; readonly end: number }> {
  const reader = new SourceReader(source, FORMAT, start);
  const machine: Machine = {
    dialect,
    reader,
    source,
    budget,
    encoded: new Map(),
    stack: [],
    marks: [],
    memo: new Map(),
    depth: 0,
  };
  for (;;) {
    if (reader.isShort(ARGUMENT_BYTES + 1)) await reader.need(ARGUMENT_BYTES + 1);
    if (reader.remaining === 0)
      throw reader.fail('the file is truncated: it ends without the opcode STOP');
    budget.spend('pickle opcodes', 1);
    const opcode = reader.readUint8();
    if (opcode === OPCODES.STOP) return { value: pop(machine), end: reader.position };
    // Most opcodes need not wait for bytes, and an `await` for each of them would be slow.
    const literal = readLiteral(opcode, machine);
    const value = literal instanceof Promise ? await literal : literal;
    if (value !== undefined) {
      push(machine, value);
    } else {
      const pending = runOpcode(machine, opcode);
      if (pending !== undefined) await pending;
    }
  }
}

function runOpcode(machine: Machine, opcode: number): void | Promise<void> {
  const { reader, dialect } = machine;
  switch (opcode) {
    case OPCODES.PROTO:
      return checkProtocol(readUnsigned(reader, 1));
    case OPCODES.FRAME:
      // Frames only help a reader to buffer, so their length is not needed.
      return reader.skip(8);
    case OPCODES.MARK:
      machine.budget.spend('objects in a pickle', 1);
      machine.marks.push(machine.stack);
      machine.stack = [];
      return countValue(machine);
    case OPCODES.POP:
      return void pop(machine);
    case OPCODES.POP_MARK:
      return void popMark(machine);
    case OPCODES.DUP:
      return push(machine, peek(machine));
    case OPCODES.EMPTY_TUPLE:
      return make(machine, { kind: 'tuple', items: [] });
    case OPCODES.EMPTY_LIST:
      return make(machine, { kind: 'list', items: [] });
    case OPCODES.EMPTY_DICT:
      return make(machine, { kind: 'dict', entries: new Map() });
    case OPCODES.TUPLE:
      return make(machine, { kind: 'tuple', items: popMark(machine) });
    case OPCODES.LIST:
      return make(machine, { kind: 'list', items: popMark(machine) });
    case OPCODES.DICT: {
      const items = popMark(machine);
      make(machine, { kind: 'dict', entries: new Map() });
      return setItems(machine, items);
    }
    case OPCODES.TUPLE1:
    case OPCODES.TUPLE2:
    case OPCODES.TUPLE3: {
      const items = popMany(machine, opcode - OPCODES.TUPLE1 + 1);
      return make(machine, { kind: 'tuple', items });
    }
    case OPCODES.APPEND:
      return appendItems(machine, popMany(machine, 1));
    case OPCODES.APPENDS:
      return appendItems(machine, popMark(machine));
    case OPCODES.SETITEM:
      return setItems(machine, popMany(machine, 2));
    case OPCODES.SETITEMS:
      return setItems(machine, popMark(machine));
    case OPCODES.PUT:
      return readLineIndex(reader).then((index) => memorise(machine, index));
    case OPCODES.BINPUT:
    case OPCODES.LONG_BINPUT:
      return memorise(machine, readUnsigned(reader, opcode === OPCODES.BINPUT ? 1 : 4));
    case OPCODES.MEMOIZE:
      return memorise(machine, machine.memo.size);
    case OPCODES.GET:
      return readLineIndex(reader).then((index) => recall(machine, index));
    case OPCODES.BINGET:
    case OPCODES.LONG_BINGET:
      return recall(machine, readUnsigned(reader, opcode === OPCODES.BINGET ? 1 : 4));
    case OPCODES.GLOBAL:
      return runGlobal(machine);
    case OPCODES.STACK_GLOBAL: {
      const [module, name] = popMany(machine, 2).map(toName);
      if (module === undefined || name === undefined)
        throw reader.fail('STACK_GLOBAL without two names on the stack');
      return make(machine, dialect.resolveGlobal(module, name, reader.position));
    }
    case OPCODES.REDUCE:
    case OPCODES.NEWOBJ: {
      // numpy's pickles call functions only; PyTorch's first versions made parameters as new objects.
      const isNew = opcode === OPCODES.NEWOBJ;
      if (isNew && dialect.findPersistent === undefined) throw refuseOpcode(opcode, reader);
      const args = pop(machine);
      return make(machine, dialect.callGlobal(pop(machine), args, reader.position, machine));
    }
    case OPCODES.BUILD: {
      const state = pop(machine);
      return dialect.buildObject(peek(machine), state, reader.position);
    }
    case OPCODES.BINPERSID:
      if (dialect.findPersistent === undefined) throw refuseOpcode(opcode, reader);
      return make(machine, dialect.findPersistent(pop(machine), reader.position));
    case OPCODES.PERSID:
      return runPersistent(machine, opcode);
    default:
      throw refuseOpcode(opcode, reader);
  }
}

function refuseOpcode(opcode: number, reader: SourceReader): UnsupportedError {
  return new UnsupportedError(
    `pickle opcode 0x${opcode.toString(16)}`,
    `pickle opcode 0x${opcode.toString(16)} (byte ${reader.position - 1}) is not needed for arrays; the file is refused`,
  );
}

/** A persistent id of protocol 0, which is a line of text. */
async function runPersistent(machine: Machine, opcode: number): Promise<void> {
  const { reader, dialect } = machine;
  if (dialect.findPersistent === undefined) throw refuseOpcode(opcode, reader);
  const id = await readLine(reader, MAX_NAME_LINE);
  make(machine, dialect.findPersistent(id, reader.position));
}

function checkProtocol(protocol: number): void {
  if (protocol <= HIGHEST_PROTOCOL) return;
  throw new UnsupportedError(
    `pickle protocol ${protocol}`,
    `pickle protocol ${protocol}, expected at most ${HIGHEST_PROTOCOL}`,
  );
}

function appendItems(machine: Machine, items: readonly PickleValue[]): void {
  const list = peek(machine);
  if (!isKind(list, 'list')) throw machine.reader.fail('APPEND to something other than a list');
  // A spread is not possible: an APPENDS opcode may carry more items than a function call accepts as
  // arguments.
  for (const item of items) list.items.push(item);
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const dict = peek(machine);
  if (!isKind(dict, 'dict') || items.length % 2 !== 0) {
    throw machine.reader.fail(
      'SETITEMS on something other than a dict, or with an odd number of items',
    );
  }
  for (let index = 0; index < items.length; index += 2) {
    const key = toKey(items[index]);
    const value = items[index + 1];
    if (key === undefined || value === undefined) {
      throw new FormatError(FORMAT, 'a dict key that is not a string', machine.reader.position);
    }
    dict.entries.set(key, value);
  }
}

function toKey(value: PickleValue | undefined): string | undefined {
  return typeof value === 'number' ? String(value) : toName(value);
}

/** Reads a memo index of protocol 0. */
async function readLineIndex(reader: SourceReader): Promise<number> {
  const line = await readLine(reader, MAX_INDEX_DIGITS);
  if (!/^\d+$/.test(line)) throw reader.fail('bad memo index');
  return Number(line);
}

async function runGlobal(machine: Machine): Promise<void> {
  const { reader } = machine;
  const offset = reader.position;
  const module = await readLine(reader, MAX_NAME_LINE);
  const name = await readLine(reader, MAX_NAME_LINE);
  make(machine, machine.dialect.resolveGlobal(module, name, offset));
}
