import type { RandomAccessSource } from '../bytes/source.ts';

/** A kind of file that contains a model or its weights and that this package does not read. */
export interface ModelFormat {
  /** What the file is, as the end of a sentence after "is". */
  readonly what: string;
  /** What the user can do, with the command to type. */
  readonly next: string;
}

const HEAD_BYTES = 64;

const ofSavedModel = (name: string): string =>
  `tensorflowjs_converter --input_format=tf_saved_model ${name} web_model (pip install tensorflowjs), then explain with --model web_model`;

/** The format of a folder with `saved_model.pb`. */
export function savedModelFormat(folder: string): ModelFormat {
  return { what: 'a SavedModel of TensorFlow', next: ofSavedModel(folder) };
}

/**
 * Identifies by its bytes the other program's model in a file: ONNX, TensorFlow Lite, a GraphDef
 * or SavedModel.
 *
 * @returns null for any other file.
 */
export async function identifyModelFormat(source: RandomAccessSource): Promise<ModelFormat | null> {
  const { byteLength, name } = source;
  const head = await source.read(0, Math.min(HEAD_BYTES, byteLength));
  if (latin1(head.subarray(4, 8)) === 'TFL3') {
    return {
      what: 'a TensorFlow Lite model, which holds no gradients and often has quantised weights',
      next: 'give the model from which it was converted',
    };
  }
  if (begins(head, [0x08, 0x01, 0x12])) return savedModelFormat('<its folder>');
  return isOnnx(head, name)
    ? {
        what: 'an ONNX model',
        next: /\.onnx$/i.test(name)
          ? `it can be explained directly: --model ${name}`
          : `rename it to ${name}.onnx and explain it directly, with --model ${name}.onnx`,
      }
    : graphFormat(head, name);
}

/**
 * Whether a file is ONNX. Such a file begins with its version (field 1, below 128), followed by the
 * producer or the graph.
 */
function isOnnx(head: Uint8Array, name: string): boolean {
  const [tag, version = 0, next = 0] = head;
  const isField = next === 0x12 || next === 0x1a || next === 0x3a || next === 0x42;
  return tag === 0x08 && version > 0 && version < 32 && (isField || /\.onnx$/i.test(name));
}

/** Whether a file is a GraphDef, which begins with a node. */
function graphFormat(head: Uint8Array, name: string): ModelFormat | null {
  if (!/\.pb$/i.test(name)) return null;
  if (head[0] !== 0x0a) return null;
  return {
    what: 'a frozen graph of TensorFlow',
    next: `tensorflowjs_converter --input_format=tf_frozen_model --output_node_names=<scores> ${name} web_model (pip install tensorflowjs), then explain with --model web_model`,
  };
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
