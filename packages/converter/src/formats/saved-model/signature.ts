import { LimitError, NotFoundError, UnsupportedError } from '../../errors.ts';
import { MAX_NAME_BYTES, MAX_SIGNATURES } from '../../bytes/limits.ts';
import { readShapeJson, type ShapeJson } from '../graph-def/attribute.ts';
import { nameType } from '../graph-def/type-names.ts';
import { readFields, toInteger, toText } from '../protobuf/wire.ts';

/** A way to call a model, by the names of its inputs and outputs. */
export interface Signature {
  readonly name: string;
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

/** An input or output of a signature. */
export interface SignatureTensor {
  readonly key: string;
  /** The value in the graph, such as `serving_default_image:0`. */
  readonly tensor: string;
  readonly dtype: string;
  readonly shape: ShapeJson | null;
}

/** The signature that TensorFlow serves unless another one is named. */
const DEFAULT = 'serving_default';

/**
 * Reads an entry of the signatures of a MetaGraphDef (tensorflow/core/protobuf/meta_graph.proto). Inputs and
 * outputs are in the order of their names, because a map of Protocol Buffers has none.
 */
export function readSignature(entry: Uint8Array): Signature {
  let name = '';
  const inputs: SignatureTensor[] = [];
  const outputs: SignatureTensor[] = [];
  for (const field of readFields(entry)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) name = checkText(field.bytes);
    if (field.number !== 2) continue;
    for (const part of readFields(field.bytes)) {
      if (part.kind !== 'bytes' || part.number > 2) continue;
      const list = part.number === 1 ? inputs : outputs;
      list.push(readTensor(part.bytes));
      if (list.length > MAX_SIGNATURES) {
        throw new LimitError('inputs or outputs of a signature', MAX_SIGNATURES, list.length);
      }
    }
  }
  const byKey = (a: SignatureTensor, b: SignatureTensor): number =>
    a.key.localeCompare(b.key, 'en', { numeric: true });
  return { name, inputs: inputs.sort(byKey), outputs: outputs.sort(byKey) };
}

function readTensor(entry: Uint8Array): SignatureTensor {
  let [key, tensor, dtype] = ['', '', 'DT_INVALID'];
  let shape: ShapeJson | null = null;
  for (const field of readFields(entry)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) key = checkText(field.bytes);
    if (field.number !== 2) continue;
    for (const part of readFields(field.bytes)) {
      if (part.number === 1 && part.kind === 'bytes') tensor = checkText(part.bytes);
      if (part.number === 2 && part.kind === 'varint') dtype = nameType(toInteger(part.value));
      if (part.number === 3 && part.kind === 'bytes') shape = readShapeJson(part.bytes);
    }
  }
  return { key, tensor, dtype, shape };
}

/** The signatures that a program can call: those of TensorFlow's own begin with two underscores. */
export function listCallable(signatures: readonly Signature[]): Signature[] {
  return signatures.filter(({ name, outputs }) => outputs.length > 0 && !name.startsWith('__'));
}

/**
 * Chooses the signature that is converted: the named one, else `serving_default`, else the only one that
 * returns something.
 *
 * @throws NotFoundError for a name that the model does not have; UnsupportedError where none can be chosen.
 */
export function chooseSignature(
  signatures: readonly Signature[],
  name: string | undefined,
  file: string,
): Signature {
  const usable = listCallable(signatures);
  const names = usable.map((one) => one.name);
  const listed = names.length === 0 ? 'none' : names.join(', ');
  if (name !== undefined) {
    const named = usable.find((one) => one.name === name);
    if (named !== undefined) return named;
    throw new NotFoundError(name, `${file} has no signature '${name}'; it has ${listed}`, names);
  }
  const only = usable.length === 1 ? usable[0] : undefined;
  const found = usable.find((one) => one.name === DEFAULT) ?? only;
  if (found !== undefined) return found;
  throw new UnsupportedError(
    'signatures',
    usable.length === 0
      ? `${file} has no signature that returns something; save it with signatures, as model.export does`
      : `${file} has the signatures ${listed}, and none is called ${DEFAULT}; choose one with --signature`,
  );
}

function checkText(bytes: Uint8Array): string {
  if (bytes.length > MAX_NAME_BYTES) {
    throw new LimitError('name in a signature, in bytes', MAX_NAME_BYTES, bytes.length);
  }
  return toText(bytes);
}
