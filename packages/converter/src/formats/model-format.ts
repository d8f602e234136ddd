import type { RandomAccessSource } from '../bytes/source.ts';
import { hasLegacyMagic } from './torch/container-kind.ts';

/** A kind of file that contains a model or its weights and that this package does not read. */
export interface ModelFormat {
  /** What the file is, as the end of a sentence after "is". */
  readonly what: string;
  /** What the user can do, with the command to type. */
  readonly next: string;
}

const HEAD_BYTES = 64;

/** The file beside `tensorflowjs_model.pb` in which tensorflowjs_converter 0.x listed the weights. */
export const WEB_MANIFEST = 'weights_manifest.json';

/** How lists of weights of tfjs are called that stand outside a `model.json`. */
export const MANIFEST_NAME = /weights_manifest\.json$/i;

/** A list of weights without a graph. face-api.js keeps its weights so, and its nets are programs. */
const MANIFEST_ALONE: ModelFormat = {
  what: 'a list of weights of TensorFlow.js, without the network that they belong to, as face-api.js keeps them',
  next: 'give a model.json, or a tensorflowjs_model.pb beside its weights_manifest.json',
};

/** What `tf.io.write_graph` writes where nothing else is asked for. */
const TEXT_GRAPH: ModelFormat = {
  what: 'a graph of TensorFlow written as text, which is not read',
  next: "write it as bytes: tf.io.write_graph(graph, '.', 'net.pb', as_text=False)",
};

const FOREIGN_PICKLE: ModelFormat = {
  what: 'a pickle of Python that PyTorch did not write, such as a model of scikit-learn',
  next: "only a network is explained; for one of PyTorch: torch.onnx.export(model.eval(), example, 'model.onnx')",
};

/**
 * Identifies by its bytes the other program's model in a file: ONNX, TensorFlow Lite, the graph of a
 * SavedModel under another name, a graph of TensorFlow as text, a pickle that PyTorch did not write, or a
 * pointer of Git LFS in the place of any of them.
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
  if (begins(head, [0x08, 0x01, 0x12])) {
    return {
      what: 'the graph of a SavedModel of TensorFlow',
      next: 'call it saved_model.pb, with the folder variables beside it, and give the folder of both',
    };
  }
  if (latin1(head).startsWith('version https://git-lfs.github.com/spec/')) {
    return {
      what: 'a pointer of Git LFS, which stands for the file itself',
      next: 'get the file with: git lfs pull',
    };
  }
  if (MANIFEST_NAME.test(name)) return MANIFEST_ALONE;
  if (/^\s*node \{/.test(latin1(head))) return TEXT_GRAPH;
  if (isPickle(head)) return FOREIGN_PICKLE;
  return isOnnx(head, name)
    ? {
        what: 'an ONNX model',
        next: /\.onnx$/i.test(name)
          ? `it can be explained directly: --model ${name}`
          : `rename it to ${name}.onnx and explain it directly, with --model ${name}.onnx`,
      }
    : null;
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

/** Whether a file is a pickle of protocol 2 to 5 by another program than `torch.save`. */
function isPickle(head: Uint8Array): boolean {
  const [proto, version = 0] = head;
  return proto === 0x80 && version >= 2 && version <= 5 && !hasLegacyMagic(head);
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
