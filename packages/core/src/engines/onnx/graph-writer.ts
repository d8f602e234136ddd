import { countElements, type NdArray } from '../../base/nd-array.ts';
import type {
  ExternalRange,
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './proto/onnx-model.ts';

/** Weights larger than this stand in external files, which are not copied while loading. */
const INLINE_BYTES = 1024;

/** Where a file may be mapped: at multiples of this the runtime uses the bytes where they are. */
const ALIGNMENT = 4096;

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
  /** A constant that is no weight and depends on none; always in the model itself. */
  floats(values: Float32Array | Float64Array, shape: readonly number[]): string;
  /** A weight, or what is made of weights: read only where its values are written. */
  weights(array: NdArray): string;
  /**
   * A constant that stays where it is: also listed as an input with a default, which the runtime
   * neither copies nor packs. A kernel of a gigabyte costs no memory of the process, and its product
   * with a single vector, which is bound by reading it, is no slower.
   */
  mapped(range: ExternalRange, shape: readonly number[]): string;
  integers(values: readonly number[], shape?: readonly number[]): string;
  /** A constant that is made once for a key, however often it is asked for. */
  once(key: string, make: () => string): string;
  /** Gives a value a name of its own, as an output needs it. */
  rename(value: string, name: string): void;
  finish(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): FinishedGraph;
}

export interface FinishedGraph {
  readonly graph: OnnxGraph;
  /** The weights outside of the model, in order. */
  readonly external: readonly ExternalWeight[];
}

/** A weight's place in an external file, and its values. */
export interface ExternalWeight {
  readonly range: ExternalRange;
  readonly array: NdArray;
}

export interface GraphWriterOptions {
  /**
   * Weights up to this size stand in the model itself, as the very arrays that they were given as;
   * `Infinity` for all.
   */
  readonly inlineBytes?: number;
  /**
   * The one external file of all weights, of whatever size: the model is the same then for all values.
   * By default each large one has a file of its own.
   */
  readonly file?: string;
}

export function createGraphWriter(options: GraphWriterOptions = {}): GraphWriter {
  const { inlineBytes = INLINE_BYTES, file } = options;
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const external: ExternalWeight[] = [];
  const defaults: OnnxValue[] = [];
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
      initializers.push({ name, shape, data: values });
      return name;
    },
    weights(array) {
      const name = nextName('constant');
      const { shape } = array;
      const bytes = countElements(shape) * Float32Array.BYTES_PER_ELEMENT;
      if (file === undefined && bytes <= inlineBytes) {
        initializers.push({ name, shape, data: array.data });
        return name;
      }
      const range =
        file === undefined
          ? { file: name, offset: 0, bytes }
          : { file, offset: externalBytes, bytes };
      initializers.push({ name, shape, data: range });
      external.push({ range, array });
      externalBytes += align(bytes);
      return name;
    },
    mapped(range, shape) {
      const name = nextName('constant');
      initializers.push({ name, shape, data: range });
      defaults.push({ name, type: 'float32', shape });
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
    finish: (inputs, outputs) => ({
      graph: { nodes, initializers, inputs: [...inputs, ...defaults], outputs },
      external,
    }),
  };
}

/** Bytes that a constant takes in a file. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function once(made: Map<string, string>, key: string, make: () => string): string {
  const known = made.get(key);
  if (known !== undefined) return known;
  const name = make();
  made.set(key, name);
  return name;
}
