/**
 * Reads the function of a Lambda layer where it only scales and shifts, such as `lambda x: x / 127.5 - 1`.
 * Keras saves such a function as the bytecode of Python. It is read as data, by the few instructions of
 * arithmetic; nothing is executed, and everything else is not understood.
 *
 * Sources: CPython's `Lib/opcode.py` and `Python/marshal.c`, 3.5 to 3.12.
 */

/** `x * scale + offset`. */
export interface Affine {
  readonly scale: number;
  readonly offset: number;
}

/** The most bytes of a function: one that only scales and shifts has less than 300. */
const MAX_BYTES = 4096;

/** The longest tuple of constants: more than four numbers are no scaling that people write. */
const MAX_CONSTANTS = 16;

/**
 * Reads marshalled code.
 *
 * @returns null for a function that is not understood, or does something else than scale and shift.
 */
export function readAffineCode(bytes: Uint8Array): Affine | null {
  if (bytes.length > MAX_BYTES) return null;
  const code = readCode(bytes);
  if (code === null) return null;
  // Since 3.6 an instruction has two bytes. Before, one without an argument had one and others had three.
  return interpret(splitPairs(code.body), code) ?? interpret(splitOldSteps(code.body), code);
}

interface Code {
  readonly body: Uint8Array;
  readonly constants: readonly (number | null)[];
}

interface Step {
  readonly op: number;
  readonly argument: number;
}

/** The flag of an object to which others in the file may refer. */
const REFERABLE = 0x80;

/** Reads the head of a code object: numbers, the instructions and the constants. */
function readCode(bytes: Uint8Array): Code | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kindAt = (place: number): string => String.fromCharCode((bytes[place] ?? 0) & ~REFERABLE);
  if (kindAt(0) !== 'c' || bytes.length < 64) return null;
  // Python 3.8 to 3.10 write six numbers before the instructions, other versions five. The first is the
  // number of arguments.
  const [start] = [5, 6].map((count) => 1 + 4 * count).filter((place) => kindAt(place) === 's');
  if (start === undefined || view.getInt32(1, true) !== 1) return null;
  const length = view.getUint32(start + 1, true);
  const end = start + 5 + length;
  if (length === 0 || end + 2 > bytes.length || kindAt(end) !== ')') return null;
  const count = bytes[end + 1]!;
  if (count > MAX_CONSTANTS) return null;
  const constants: (number | null)[] = [];
  let place = end + 2;
  for (let index = 0; index < count; index++) {
    const kind = kindAt(place);
    const size = { N: 1, i: 5, g: 9 }[kind];
    if (size === undefined || place + size > bytes.length) return null;
    if (kind === 'i') constants.push(view.getInt32(place + 1, true));
    else constants.push(kind === 'g' ? view.getFloat64(place + 1, true) : null);
    place += size;
  }
  return { body: bytes.subarray(start + 5, end), constants };
}

function splitPairs(body: Uint8Array): Step[] | null {
  if (body.length % 2 !== 0) return null;
  const count = body.length / 2;
  return Array.from({ length: count }, (_, index) => ({
    op: body[2 * index]!,
    argument: body[2 * index + 1]!,
  }));
}

/** Instructions from this number on had an argument of two bytes. */
const HAVE_ARGUMENT = 90;

function splitOldSteps(body: Uint8Array): Step[] | null {
  const steps: Step[] = [];
  for (let place = 0; place < body.length;) {
    const op = body[place]!;
    const hasArgument = op >= HAVE_ARGUMENT;
    if (hasArgument && place + 2 >= body.length) return null;
    steps.push({ op, argument: hasArgument ? body[place + 1]! + 256 * body[place + 2]! : 0 });
    place += hasArgument ? 3 : 1;
  }
  return steps;
}

type Operator = '+' | '-' | '*' | '/';

/** Instructions of arithmetic before 3.11, one for each operator. */
const OPERATORS: Readonly<Record<number, Operator>> = { 20: '*', 23: '+', 24: '-', 27: '/' };
/** The operators of BINARY_OP, which took their place, by its argument. */
const BINARY_OPERATORS: Readonly<Record<number, Operator>> = { 0: '+', 5: '*', 10: '-', 11: '/' };
const [CACHE, RETURN_VALUE, LOAD_CONST, BINARY_OP, LOAD_FAST, RESUME] = [0, 83, 100, 122, 124, 151];

function interpret(steps: readonly Step[] | null, { constants }: Code): Affine | null {
  if (steps === null) return null;
  // Python 3.11 and later begin with RESUME. Some of their numbers meant something else before.
  const isNew = steps[0]?.op === RESUME;
  const stack: Affine[] = [];
  for (const [index, { op, argument }] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (op === RETURN_VALUE) {
      const [value, ...rest] = stack;
      const isWhole = isLast && value !== undefined && rest.length === 0 && value.scale !== 0;
      return isWhole && Number.isFinite(value.scale) && Number.isFinite(value.offset)
        ? value
        : null;
    }
    if (isNew && index === 0) continue;
    if (isNew && op === CACHE && steps[index - 1]?.op === BINARY_OP) continue;
    if (op === LOAD_FAST && argument === 0) stack.push({ scale: 1, offset: 0 });
    else if (op === LOAD_CONST && typeof constants[argument] === 'number') {
      stack.push({ scale: 0, offset: constants[argument] });
    } else {
      const operator = isNew
        ? op === BINARY_OP
          ? BINARY_OPERATORS[argument]
          : undefined
        : OPERATORS[op];
      const [right, left] = [stack.pop(), stack.pop()];
      if (operator === undefined || right === undefined || left === undefined) return null;
      const value = combine(operator, left, right);
      if (value === null) return null;
      stack.push(value);
    }
  }
  return null;
}

/** @returns null for a product of two pictures, and for a division by one. */
function combine(operator: Operator, left: Affine, right: Affine): Affine | null {
  switch (operator) {
    case '+':
      return { scale: left.scale + right.scale, offset: left.offset + right.offset };
    case '-':
      return { scale: left.scale - right.scale, offset: left.offset - right.offset };
    case '*':
      if (right.scale === 0) return times(left, right.offset);
      return left.scale === 0 ? times(right, left.offset) : null;
    case '/':
      return right.scale === 0 && right.offset !== 0
        ? { scale: left.scale / right.offset, offset: left.offset / right.offset }
        : null;
  }
}

function times({ scale, offset }: Affine, factor: number): Affine {
  return { scale: scale * factor, offset: offset * factor };
}
