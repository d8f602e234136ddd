import { countElements, type NdArray } from '../../base/nd-array.ts';
import type { CopiedConstant, CopiedNode } from '../../network/copied-node.ts';
import { bytesOf } from './bytes-of.ts';
import {
  ONNX_OPSET,
  type ExternalRange,
  type OnnxAttribute,
  type OnnxBranch,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './proto/onnx-model.ts';

/** Larger weights go into external files, which the runtime does not copy while it loads the model. */
const INLINE_BYTES = 1024;

/** The runtime can map a range of a file, instead of copying it, if it starts at a multiple of this. */
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
  /**
   * Computes one of two values. The nodes that make the other one do not run. Only constants may be made
   * with `once` while a branch is written, because nothing outside can read the nodes of a branch.
   */
  either(condition: string, yes: () => string, no: () => string): string;
  /** Adds a copy of another file's node, and returns the names of its outputs. */
  addCopy(node: CopiedNode, inputs: readonly string[]): string[];
  /** A constant of another file, of any element type. */
  copied(constant: CopiedConstant): string;
  /** A constant that does not depend on any weight. It always stands in the model itself. */
  floats(values: Float32Array | Float64Array, shape: readonly number[]): string;
  /**
   * A weight, or an array computed from weights. Its values are read only when they are written to a file.
   */
  weights(array: NdArray): string;
  /**
   * A constant that the runtime maps from its file and neither copies nor packs: it is also listed as an
   * input with a default value. So even a kernel of a gigabyte takes no memory of the process. Its product
   * with a single vector is no slower, because reading the kernel takes all the time anyway.
   */
  mapped(range: ExternalRange, shape: readonly number[]): string;
  integers(values: readonly number[], shape?: readonly number[]): string;
  /** Makes a constant at the first call for a key, and returns the same constant at every later call. */
  once(key: string, make: () => string): string;
  /** As `once`, for several values. */
  onceMany(key: string, make: () => readonly string[]): readonly string[];
  /** States the shape of a value that the runtime does not find out by itself. */
  declare(value: string, shape: readonly (number | string)[]): void;
  /** Gives a value a second name, for an output of the graph. */
  rename(value: string, name: string): void;
  finish(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): FinishedGraph;
}

export interface FinishedGraph {
  readonly graph: OnnxGraph;
  /** The weights in external files, in order. */
  readonly external: readonly ExternalWeight[];
}

/** A weight's range in an external file, and its values as bytes, which may be made when they are read. */
export interface ExternalWeight {
  readonly range: ExternalRange;
  readonly bytes: () => Uint8Array;
}

export interface GraphWriterOptions {
  /**
   * Weights up to this size stand in the model itself, without a copy of the given arrays. `Infinity` puts
   * every weight into the model; default 1 KiB.
   */
  readonly inlineBytes?: number;
  /**
   * Name of one external file for all weights, small ones too, so that the model's bytes do not depend on the
   * values of its weights. By default each large weight has a file of its own.
   */
  readonly file?: string | undefined;
  /**
   * Whether the runtime maps weights of the external file instead of copying them, as {@link
   * GraphWriter.mapped}. Default: false.
   */
  readonly maps?: boolean | undefined;
}

/** Smaller weights are not mapped: each mapped range takes at least a page of the system's memory. */
const MAPPED_BYTES = 64 * 1024;

export function createGraphWriter(options: GraphWriterOptions = {}): GraphWriter {
  const { inlineBytes = INLINE_BYTES, file, maps = false } = options;
  let nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const external: ExternalWeight[] = [];
  const defaults: OnnxValue[] = [];
  const values: OnnxValue[] = [];
  const made = new Map<string, readonly string[]>();
  const domains: Record<string, number> = {};
  let externalBytes = 0;
  let count = 0;
  const nextName = (stem: string): string => `${stem}_${count++}`;

  const addMany: GraphWriter['addMany'] = (type, inputs, outputs, attributes = {}) => {
    const names = Array.from({ length: outputs }, () => nextName(type));
    nodes.push({ type, inputs, outputs: names, attributes });
    return names;
  };
  const branch = (make: () => string): OnnxBranch => {
    const around = nodes;
    nodes = [];
    const output = nextName('branch');
    nodes.push({ type: 'Identity', inputs: [make()], outputs: [output], attributes: {} });
    const own = nodes;
    nodes = around;
    return { nodes: own, output };
  };
  const once: GraphWriter['once'] = (key, make) => onceMany(key, () => [make()])[0]!;
  const onceMany: GraphWriter['onceMany'] = (key, make) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const names = make();
    made.set(key, names);
    return names;
  };
  const rangeOf = (name: string, bytes: number): ExternalRange => {
    const isShared = file !== undefined;
    const range = isShared
      ? { file, offset: externalBytes, bytes }
      : { file: name, offset: 0, bytes };
    externalBytes += align(bytes);
    return range;
  };
  return {
    addMany,
    add: (type, inputs, attributes) => addMany(type, inputs, 1, attributes)[0]!,
    either: (condition, yes, no) =>
      addMany('If', [condition], 1, { then_branch: branch(yes), else_branch: branch(no) })[0]!,
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
      const range = rangeOf(name, bytes);
      initializers.push({ name, shape, data: range });
      external.push({ range, bytes: () => bytesOf(array.data) });
      if (maps && bytes >= MAPPED_BYTES) defaults.push({ name, type: 'float32', shape });
      return name;
    },
    copied({ tensor }) {
      const name = nextName('copied');
      if ('encoded' in tensor || tensor.bytes.length <= inlineBytes) {
        const shape = 'encoded' in tensor ? [] : tensor.shape;
        initializers.push({ name, shape, data: tensor });
        return name;
      }
      const { type, shape, bytes } = tensor;
      const range = { ...rangeOf(name, bytes.length), type };
      initializers.push({ name, shape, data: range });
      external.push({ range, bytes: () => bytes });
      return name;
    },
    addCopy({ type, domain, opset, domainVersion, attributes, outputs }, inputs) {
      const names = outputs.map((output) => (output === null ? '' : nextName(type)));
      if (opset > ONNX_OPSET) domains[''] = opset;
      if (domain !== '') domains[domain] = domainVersion;
      nodes.push({ type, domain, inputs, outputs: names, attributes: {}, copied: attributes });
      return names;
    },
    mapped(range, shape) {
      const name = nextName('constant');
      initializers.push({ name, shape, data: range });
      defaults.push({ name, type: 'float32', shape });
      return name;
    },
    integers(values, shape = [values.length]) {
      const key = `integers ${shape.join()}: ${values.join()}`;
      return once(key, () => {
        const name = nextName('constant');
        initializers.push({ name, shape, data: BigInt64Array.from(values, BigInt) });
        return name;
      });
    },
    once,
    onceMany,
    declare: (name, shape) => {
      values.push({ name, type: 'float32', shape });
    },
    rename: (value, name) => {
      nodes.push({ type: 'Identity', inputs: [value], outputs: [name], attributes: {} });
    },
    finish: (inputs, outputs) => ({
      graph: {
        ...{ domains, initializers, outputs, values },
        nodes: selectUsed(nodes, outputs),
        inputs: [...inputs, ...defaults],
      },
      external,
    }),
  };
}

/** The nodes on which the outputs depend. The runtime would also run the others. */
function selectUsed(nodes: readonly OnnxNode[], outputs: readonly OnnxValue[]): OnnxNode[] {
  const used = new Set(outputs.map(({ name }) => name));
  const kept = [...nodes].reverse().filter((node) => {
    const isUsed = node.outputs.some((output) => used.has(output));
    if (isUsed) for (const input of listInputs(node)) used.add(input);
    return isUsed;
  });
  return kept.reverse();
}

/** The values that a node reads, those that its branches read included. */
function listInputs({ inputs, attributes }: OnnxNode): string[] {
  const branches = Object.values(attributes).flatMap((value) =>
    typeof value === 'object' && 'nodes' in value ? value.nodes : [],
  );
  return [...inputs, ...branches.flatMap(listInputs)];
}

/** The space that this many bytes take in an external file, padding included. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
