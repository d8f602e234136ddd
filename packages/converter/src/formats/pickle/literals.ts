import { LimitError } from '../../errors.ts';
import { MAX_PICKLE_INLINE_BYTES, MAX_PICKLE_LINE_BYTES } from '../../bytes/limits.ts';
import { createMemorySource, sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import type { SourceReader } from '../../bytes/source-reader.ts';
import { OPCODES } from './opcodes.ts';
import { parseStringLiteral, parseUnicodeLiteral } from './text-literals.ts';
import type { PickleBytes, PickleText, PickleValue } from './values.ts';

/** Most digits of a decimal integer (LONG); dtype states and shapes have few. */
const MAX_DIGITS = 400;
const NEWLINE = 0x0a;

/** What a literal opcode pushes; `undefined` for opcodes that are no literals. */
export async function readLiteral(
  opcode: number,
  reader: SourceReader,
  source: RandomAccessSource,
): Promise<PickleValue | undefined> {
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
      return parseInteger(await readLine(reader, MAX_DIGITS), reader);
    case OPCODES.LONG:
      return parseInteger((await readLine(reader, MAX_DIGITS)).replace(/L$/, ''), reader);
    case OPCODES.FLOAT:
      return Number(await readLine(reader, MAX_DIGITS));
    case OPCODES.STRING: {
      const bytes = parseStringLiteral(await readLine(reader, MAX_PICKLE_LINE_BYTES));
      if (bytes === undefined) throw reader.fail('bad STRING literal');
      return createBytes(source.name, bytes);
    }
    case OPCODES.UNICODE:
      return parseUnicodeLiteral(await readLine(reader, MAX_PICKLE_LINE_BYTES));
    case OPCODES.SHORT_BINSTRING:
    case OPCODES.SHORT_BINBYTES:
      return readBytes(reader, source, readUnsigned(reader, 1));
    case OPCODES.BINSTRING:
    case OPCODES.BINBYTES:
      return readBytes(reader, source, readUnsigned(reader, 4));
    case OPCODES.BINBYTES8:
    case OPCODES.BYTEARRAY8:
      return readBytes(reader, source, readUnsigned(reader, 8));
    case OPCODES.SHORT_BINUNICODE:
      return readText(reader, source, readUnsigned(reader, 1));
    case OPCODES.BINUNICODE:
      return readText(reader, source, readUnsigned(reader, 4));
    case OPCODES.BINUNICODE8:
      return readText(reader, source, readUnsigned(reader, 8));
    default:
      return undefined;
  }
}

/** A little-endian unsigned integer of up to 8 bytes; the machine has fetched these already. */
export function readUnsigned(reader: SourceReader, length: number): number {
  let value = 0;
  let scale = 1;
  for (const byte of reader.readBytes(length)) {
    value += byte * scale;
    scale *= 256;
  }
  return value;
}

/** A line of ASCII without its newline. */
export async function readLine(reader: SourceReader, limit: number): Promise<string> {
  const length = await reader.findByte(NEWLINE, limit);
  const line = decodeLatin1(reader.readBytes(length));
  reader.skip(1);
  return line;
}

/** Bytes as text, one character each. `TextDecoder('latin1')` is windows-1252 by its standard. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += 4096) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + 4096));
  }
  return text;
}

/** Bytes in memory as a pickle value. */
export function createBytes(name: string, bytes: Uint8Array): PickleBytes {
  return { kind: 'bytes', source: createMemorySource(name, bytes), encoding: 'raw', inline: bytes };
}

async function readBytes(
  reader: SourceReader,
  source: RandomAccessSource,
  length: number,
): Promise<PickleBytes> {
  checkLength(reader, length);
  if (length <= MAX_PICKLE_INLINE_BYTES) {
    await reader.need(length);
    return createBytes(source.name, reader.readBytes(length).slice());
  }
  const range = sliceSource(source, reader.position, length);
  reader.skip(length);
  return { kind: 'bytes', source: range, encoding: 'raw', inline: undefined };
}

async function readText(
  reader: SourceReader,
  source: RandomAccessSource,
  length: number,
): Promise<string | PickleText> {
  checkLength(reader, length);
  if (length <= MAX_PICKLE_INLINE_BYTES) {
    await reader.need(length);
    return new TextDecoder().decode(reader.readBytes(length));
  }
  const range = sliceSource(source, reader.position, length);
  reader.skip(length);
  return { kind: 'text', source: range };
}

function checkLength(reader: SourceReader, length: number): void {
  if (length <= reader.remaining) return;
  throw reader.fail(
    `the file is truncated: a string wants ${length} bytes, ${reader.remaining} left`,
  );
}

function readLong(reader: SourceReader, length: number): number | bigint {
  if (length > 8) throw new LimitError('bytes of a pickled integer', 8, length);
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
  // Protocol 0 and 1 write booleans as these two integers.
  if (line === '00') return false;
  if (line === '01') return true;
  if (!/^-?\d+$/.test(line)) throw reader.fail('bad integer literal');
  return narrowInteger(BigInt(line));
}

function narrowInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
