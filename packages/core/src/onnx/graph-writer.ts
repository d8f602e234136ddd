import type {
  ExternalRange,
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './proto/onnx-model.ts';

/** Constants larger than this stand in the external file, which is not copied while loading. */
const INLINE_BYTES = 1024;

/** Name of the external file inside the model. */
export const WEIGHTS_FILE = 'weights.bin';

/** Collects the nodes and constants of one ONNX graph. */
export interface GraphWriter {
  /** Adds a node with one output and returns the output's name. */
  add(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string;
  /** Adds a node with several outputs. */
  addMany(
    type: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string[];
  /** Of float64 always in the model itself: such constants are small. */
  floats(values: Float32Array | Float64Array, shape: readonly number[]): string;
  integers(values: readonly number[], shape?: readonly number[]): string;
  /** A constant that is made once for a key, however often it is asked for. */
  once(key: string, make: () => string): string;
  /** Gives a value a name of its own, as an output needs it. */
  rename(value: string, name: string): void;
  finish(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): FinishedGraph;
}

export interface FinishedGraph {
  readonly graph: OnnxGraph;
  /** Contents of {@link WEIGHTS_FILE}. */
  readonly weights: Uint8Array;
}

/**
 * @param inlineBytes constants up to this size stand in the model itself, as the very arrays that
 *   they were given as; `Infinity` for all.
 */
export function createGraphWriter(inlineBytes = INLINE_BYTES): GraphWriter {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const external: Float32Array[] = [];
  const made = new Map<string, string>();
  let externalBytes = 0;
  let count = 0;
  const nextName = (stem: string): string => `${stem}_${count++}`;

  const addMany: GraphWriter['addMany'] = (type, inputs, outputs, attributes = {}) => {
    const names = Array.from({ length: outputs }, () => nextName(type));
    nodes.push({ type, inputs, outputs: names, attributes });
    return names;
  };
  return {
    addMany,
    add: (type, inputs, attributes) => addMany(type, inputs, 1, attributes)[0]!,
    floats(values, shape) {
      const name = nextName('constant');
      if (values instanceof Float64Array || values.byteLength <= inlineBytes) {
        initializers.push({ name, shape, data: values });
        return name;
      }
      const range: ExternalRange = {
        file: WEIGHTS_FILE,
        offset: externalBytes,
        bytes: values.byteLength,
      };
      initializers.push({ name, shape, data: range });
      external.push(values);
      // Aligned, so that the runtime may use the bytes where they are.
      externalBytes += Math.ceil(values.byteLength / 64) * 64;
      return name;
    },
    integers(values, shape = [values.length]) {
      const key = `integers ${shape.join()}: ${values.join()}`;
      return once(made, key, () => {
        const name = nextName('constant');
        initializers.push({ name, shape, data: BigInt64Array.from(values, BigInt) });
        return name;
      });
    },
    once: (key, make) => once(made, key, make),
    rename: (value, name) => {
      nodes.push({ type: 'Identity', inputs: [value], outputs: [name], attributes: {} });
    },
    finish(inputs, outputs) {
      const weights = new Uint8Array(externalBytes);
      let offset = 0;
      for (const values of external) {
        weights.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
        offset += Math.ceil(values.byteLength / 64) * 64;
      }
      return { graph: { nodes, initializers, inputs, outputs }, weights };
    },
  };
}

function once(made: Map<string, string>, key: string, make: () => string): string {
  const known = made.get(key);
  if (known !== undefined) return known;
  const name = make();
  made.set(key, name);
  return name;
}
