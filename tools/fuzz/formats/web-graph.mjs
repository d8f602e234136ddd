// @ts-check
import { concat } from '../bytes.mjs';
import { decodeFields, encodeFields } from './protobuf.mjs';

/** Numbers of fields in TensorFlow's protocol buffers. */
const NODE = 1;
const [NODE_NAME, NODE_ATTRIBUTE] = [1, 5];
const [KEY, VALUE] = [1, 2];
const ATTRIBUTE_TENSOR = 8;
/** Type, shape and version of a TensorProto; what follows are its values. */
const LAST_OF_HEAD = 3;

/**
 * Divides a frozen graph as tensorflowjs_converter 0.x did: the graph without the values of its constants,
 * the list of the weights, and shards.
 *
 * @param {Uint8Array} graph
 * @param {readonly import('@gradcam/converter').StoredTensor[]} weights by the names of their nodes
 * @param {number} bytes of each shard but the last
 * @param {'uint8' | 'uint16'} [quantised] the type in which weights of float32 are kept
 * @returns {Promise<Readonly<Record<string, Uint8Array>>>}
 */
export async function divideGraph(graph, weights, bytes, quantised) {
  /** @type {object[]} */
  const entries = [];
  /** @type {Uint8Array[]} */
  const values = [];
  for (const { name, shape, dtype, chunks } of weights) {
    const parts = [];
    for await (const chunk of chunks()) parts.push(chunk.slice());
    const whole = concat(...parts);
    const isKept = quantised === undefined || dtype !== 'float32' || whole.length === 0;
    const { stored, quantization } = isKept
      ? { stored: whole, quantization: undefined }
      : quantise(new Float32Array(whole.buffer), quantised);
    entries.push({ name, shape, dtype, quantization });
    values.push(stored);
  }
  const all = concat(...values);
  const count = Math.ceil(all.length / bytes);
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}`);
  const shards = paths.map((path, i) => [path, all.slice(i * bytes, (i + 1) * bytes)]);
  return {
    'tensorflowjs_model.pb': withoutValues(graph, new Set(weights.map(({ name }) => name))),
    'weights_manifest.json': Buffer.from(JSON.stringify([{ paths, weights: entries }])),
    ...Object.fromEntries(shards),
  };
}

/**
 * @param {Float32Array} values
 * @param {'uint8' | 'uint16'} dtype
 */
function quantise(values, dtype) {
  const levels = dtype === 'uint8' ? 255 : 65535;
  const min = Math.min(0, ...values);
  const scale = (Math.max(0, ...values) - min) / levels || 1;
  const steps = [...values].map((value) => Math.round((value - min) / scale));
  const kept = dtype === 'uint8' ? Uint8Array.from(steps) : Uint16Array.from(steps);
  return { stored: new Uint8Array(kept.buffer), quantization: { min, scale, dtype } };
}

/**
 * @param {Uint8Array} graph
 * @param {ReadonlySet<string>} names of the constants
 */
function withoutValues(graph, names) {
  return change(graph, NODE, (node) => {
    const name = decodeFields(node).find(({ number }) => number === NODE_NAME);
    if (!names.has(textOf(name))) return node;
    return change(node, NODE_ATTRIBUTE, (attribute) => {
      const key = decodeFields(attribute).find(({ number }) => number === KEY);
      if (textOf(key) !== 'value') return attribute;
      return change(attribute, VALUE, (value) => change(value, ATTRIBUTE_TENSOR, headOf));
    });
  });
}

/** @param {Uint8Array} tensor */
function headOf(tensor) {
  return encodeFields(decodeFields(tensor).filter(({ number }) => number <= LAST_OF_HEAD));
}

/**
 * Changes the fields of one number in a message.
 *
 * @param {Uint8Array} message
 * @param {number} place
 * @param {(bytes: Uint8Array) => Uint8Array} to
 */
function change(message, place, to) {
  return encodeFields(
    decodeFields(message).map((field) =>
      field.number === place ? { ...field, bytes: to(field.bytes) } : field,
    ),
  );
}

/** @param {import('./protobuf.mjs').ProtoField | undefined} field */
function textOf(field) {
  return new TextDecoder().decode(field?.bytes);
}
