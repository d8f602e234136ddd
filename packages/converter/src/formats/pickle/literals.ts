import { LimitError } from '../../errors.ts';
import { MAX_PICKLE_INLINE_BYTES, MAX_PICKLE_LINE_BYTES } from '../../bytes/limits.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import type { SourceReader } from '../../bytes/source-reader.ts';
import type { PickleBudget } from './budget.ts';
import { OPCODES } from './opcodes.ts';
import { parseStringLiteral, parseUnicodeLiteral } from './text-literals.ts';
import type { PickleBytes, PickleText, PickleValue } from './values.ts';

/** The most digits of a decimal integer (LONG). The integers of dtype states and shapes have few digits. */
const MAX_DIGITS = 400;
/** The most bytes of a binary integer. PyTorch's magic number has ten. */
const MAX_LONG_BYTES = 16;
const NEWLINE = 0x0a;

const utf8 = new TextDecoder();

/** The bytes from which literals are read, and the budget that they are charged to. */
export interface LiteralContext {
  readonly reader: SourceReader;
  readonly source: RandomAccessSource;
  readonly budget: PickleBudget;
}

type Literal = PickleValue | undefined;

/**
 * The value that a literal opcode pushes, or `undefined` if the opcode is no literal. It returns a promise
 * only if bytes must be fetched, because a pickle has millions of opcodes and waiting for each would be
 * slow.
 */
export function readLiteral(opcode: number, context: LiteralContext): Literal | Promise<Literal> {
  const { reader } = context;
  switch (opcode) {
    case OPCODES.NONE:
      return null;
    case OPCODES.NEWTRUE:
      return true;
    case OPCODES.NEWFALSE:
      return false;
    case OPCODES.BININT:
      return readUnsigned(reader, 4) | 0;
    case OPCODES.BININT1:
      return readUnsigned(reader, 1);
    case OPCODES.BININT2:
      return readUnsigned(reader, 2);
    case OPCODES.LONG1:
      return readLong(reader, readUnsigned(reader, 1));
    case OPCODES.LONG4:
      return readLong(reader, readUnsigned(reader, 4));
    case OPCODES.BINFLOAT:
      return readFloat(reader);
    case OPCODES.INT:
    case OPCODES.LONG:
    case OPCODES.FLOAT:
    case OPCODES.STRING:
    case OPCODES.UNICODE:
      return readTextLiteral(opcode, context);
    case OPCODES.SHORT_BINSTRING:
    case OPCODES.SHORT_BINBYTES:
      return readBytes(context, readUnsigned(reader, 1));
    case OPCODES.BINSTRING:
    case OPCODES.BINBYTES:
      return readBytes(context, readUnsigned(reader, 4));
    case OPCODES.BINBYTES8:
    case OPCODES.BYTEARRAY8:
      return readBytes(context, readUnsigned(reader, 8));
    case OPCODES.SHORT_BINUNICODE:
      return readText(context, readUnsigned(reader, 1));
    case OPCODES.BINUNICODE:
      return readText(context, readUnsigned(reader, 4));
    case OPCODES.BINUNICODE8:
      return readText(context, readUnsigned(reader, 8));
    default:
      return undefined;
  }
}

/** The literals of protocol 0, which end at a newline. */
async function readTextLiteral(
  opcode: number,
  { reader, budget }: LiteralContext,
): Promise<PickleValue> {
  const isText = opcode === OPCODES.STRING || opcode === OPCODES.UNICODE;
  const line = await readLine(reader, isText ? MAX_PICKLE_LINE_BYTES : MAX_DIGITS);
  switch (opcode) {
    case OPCODES.INT:
      return parseInteger(line, reader);
    case OPCODES.LONG:
      return parseInteger(line.replace(/L$/, ''), reader);
    case OPCODES.FLOAT:
      return Number(line);
  }
  budget.spend('bytes of text in a pickle', line.length);
  if (opcode === OPCODES.UNICODE) return parseUnicodeLiteral(line);
  const bytes = parseStringLiteral(line);
  if (bytes === undefined) throw reader.fail('bad STRING literal');
  budget.spend('objects in a pickle', 1);
  return createBytes(bytes);
}

/** Reads a little-endian unsigned integer of up to 8 bytes. The machine has already fetched these bytes. */
export function readUnsigned(reader: SourceReader, length: number): number {
  let value = 0;
  let scale = 1;
  for (const byte of reader.readBytes(length)) {
    value += byte * scale;
    scale *= 256;
  }
  return value;
}

/** Reads a line of ASCII and returns it without its newline. */
export async function readLine(reader: SourceReader, limit: number): Promise<string> {
  const length = await reader.findByte(NEWLINE, limit);
  const line = decodeLatin1(reader.readBytes(length));
  reader.skip(1);
  return line;
}

/**
 * Decodes bytes as text with one character for each byte. `TextDecoder('latin1')` would not do: by its
 * standard it decodes windows-1252.
 */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 4096) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + 4096));
  }
  return text;
}

/** Makes a pickle value of bytes that are in memory. */
export function createBytes(bytes: Uint8Array): PickleBytes {
  return { kind: 'bytes', encoding: 'raw', inline: bytes, range: undefined };
}

function readBytes(context: LiteralContext, length: number): PickleBytes | Promise<PickleBytes> {
  const { reader, source, budget } = context;
  checkLength(reader, length);
  budget.spend('objects in a pickle', 1);
  if (length <= MAX_PICKLE_INLINE_BYTES) {
    return readShort(context, length, (bytes) => createBytes(bytes.slice()));
  }
  const range = sliceSource(source, reader.position, length);
  reader.skip(length);
  return { kind: 'bytes', encoding: 'raw', inline: undefined, range };
}

function readText(context: LiteralContext, length: number): string | PickleText | Promise<string> {
  const { reader, source, budget } = context;
  checkLength(reader, length);
  if (length <= MAX_PICKLE_INLINE_BYTES) {
    return readShort(context, length, (bytes) => utf8.decode(bytes));
  }
  budget.spend('objects in a pickle', 1);
  const range = sliceSource(source, reader.position, length);
  reader.skip(length);
  return { kind: 'text', source: range };
}

/** Reads a short string into memory. It returns a promise only if the bytes must still be fetched. */
function readShort<T>(
  { reader, budget }: LiteralContext,
  length: number,
  make: (bytes: Uint8Array) => T,
): T | Promise<T> {
  budget.spend('bytes of text in a pickle', length);
  if (!reader.isShort(length)) return make(reader.readBytes(length));
  return reader.need(length).then(() => make(reader.readBytes(length)));
}

function checkLength(reader: SourceReader, length: number): void {
  if (length <= reader.remaining) return;
  throw reader.fail(
    `the file is truncated: expected a string of ${length} bytes, found ${reader.remaining} more bytes`,
  );
}

function readLong(reader: SourceReader, length: number): number | bigint {
  if (length > MAX_LONG_BYTES) {
    throw new LimitError('bytes of a pickled integer', MAX_LONG_BYTES, length);
  }
  let value = 0n;
  reader.readBytes(length).forEach((byte, index) => {
    value |= BigInt(byte) << BigInt(8 * index);
  });
  return narrowInteger(BigInt.asIntN(8 * length, value));
}

function readFloat(reader: SourceReader): number {
  const bytes = reader.readBytes(8);
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, false);
}

function parseInteger(line: string, reader: SourceReader): PickleValue {
  // Protocols 0 and 1 write booleans as these two integers.
  if (line === '00') return false;
  if (line === '01') return true;
  if (!/^-?\d+$/.test(line)) throw reader.fail('bad integer literal');
  return narrowInteger(BigInt(line));
}

function narrowInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
