import type { RandomAccessSource } from '../../bytes/source.ts';
import { MAX_SIGNATURES } from '../../bytes/limits.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { readSourceFields } from '../protobuf/source-fields.ts';
import { readFields, toText } from '../protobuf/wire.ts';
import { readSignature, type Signature } from './signature.ts';

/** The format in messages. */
export const SAVED_MODEL = 'tf-saved-model';

/** One graph of a SavedModel, with what it is for. */
export interface MetaGraph {
  readonly tags: readonly string[];
  readonly signatures: readonly Signature[];
  /** The message of its GraphDef. */
  readonly graph: RandomAccessSource;
  /** The message of the objects of the program; null for a model of TensorFlow 1. */
  readonly objects: RandomAccessSource | null;
  /** The operation that restores the variables; '' if there is none. */
  readonly restore: string;
  /** The version of TensorFlow that wrote it. */
  readonly version: string;
}

/** The tag of the graph that computes, and does not train. */
const SERVE = 'serve';

/**
 * Reads `saved_model.pb` (tensorflow/core/protobuf/saved_model.proto): the graph with the tag `serve`, or the
 * only one. Of the graph itself only the place is told.
 *
 * @throws FormatError, LimitError; UnsupportedError where several graphs have other tags.
 */
export async function readMetaGraph(file: RandomAccessSource): Promise<MetaGraph> {
  const found: MetaGraph[] = [];
  for await (const field of readSourceFields(file)) {
    if (field.number !== 2 || field.kind !== 'bytes') continue;
    found.push(await readOne(field.content, file.name));
    if (found.length > MAX_SIGNATURES) {
      throw new LimitError('graphs of a SavedModel', MAX_SIGNATURES, found.length);
    }
  }
  const serving = found.filter(({ tags }) => tags.includes(SERVE));
  const [first] = serving.sort((a, b) => a.tags.length - b.tags.length);
  if (first !== undefined) return first;
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new FormatError(SAVED_MODEL, `${file.name} holds no graph`);
  const tags = found.map((one) => `[${one.tags.join(', ')}]`).join(', ');
  throw new UnsupportedError(
    'tags',
    `${file.name} has graphs with the tags ${tags}, and none with ${SERVE}; save the model for serving`,
  );
}

async function readOne(message: RandomAccessSource, name: string): Promise<MetaGraph> {
  let graph: RandomAccessSource | null = null;
  let objects: RandomAccessSource | null = null;
  let info = { tags: [] as string[], version: '' };
  let restore = '';
  const signatures: Signature[] = [];
  for await (const field of readSourceFields(message)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) info = await readInfo(field.content);
    if (field.number === 2) graph = field.content;
    if (field.number === 7) objects = field.content;
    if (field.bytes === null) continue;
    if (field.number === 3) restore = readRestore(field.bytes);
    if (field.number === 5) signatures.push(readSignature(field.bytes));
    if (signatures.length > MAX_SIGNATURES) {
      throw new LimitError('signatures of a SavedModel', MAX_SIGNATURES, signatures.length);
    }
  }
  if (graph === null) throw new FormatError(SAVED_MODEL, `${name} holds no graph`);
  return { ...info, graph, objects, restore, signatures };
}

/** Reads a MetaInfoDef, which may also list all ops that the graph uses. */
async function readInfo(message: RandomAccessSource): Promise<{ tags: string[]; version: string }> {
  const tags: string[] = [];
  let version = '';
  for await (const field of readSourceFields(message)) {
    if (field.kind !== 'bytes' || field.bytes === null) continue;
    if (field.number === 4) tags.push(toText(field.bytes));
    if (field.number === 5) version = toText(field.bytes);
    if (tags.length > MAX_SIGNATURES) {
      throw new LimitError('tags of a graph', MAX_SIGNATURES, tags.length);
    }
  }
  return { tags, version };
}

/** Reads the name of the restoring operation in a SaverDef. */
function readRestore(message: Uint8Array): string {
  let restore = '';
  for (const field of readFields(message)) {
    if (field.number === 3 && field.kind === 'bytes') restore = toText(field.bytes);
  }
  return restore;
}
