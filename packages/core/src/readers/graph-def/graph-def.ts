import { GradcamError } from '../../base/errors.ts';
import type { InputLayout } from '../../network/input-layout.ts';
import { plainAttributes } from './plain-attributes.ts';

/** An input of a GraphModel, as the model itself expects it. */
export interface GraphInput {
  readonly name: string;
  /** Shape without the batch axis, in the model's own order. */
  readonly shape: readonly number[];
  /** The order of a picture's axes; null for an input that is not a picture. */
  readonly layout: InputLayout | null;
  readonly dtype: 'float32' | 'int32';
}

/** A node of a GraphDef. Its value can be asked for by the node's name. */
export interface DefNode {
  readonly name: string;
  readonly op: string;
  /** Names of the nodes whose values are its inputs, without control dependencies. */
  readonly inputs: readonly string[];
  /** The steps that a fused op does after its own, for example `BiasAdd` and `Relu`. */
  readonly fused: readonly string[];
  /** Type of a placeholder, for example `DT_UINT8`. */
  readonly dtype?: string;
  /** For a batch normalisation, the number that is added to the variance. */
  readonly epsilon?: number;
}

/** A node, and everything that its translation needs. */
export interface WholeDefNode extends DefNode {
  /** The inputs as the file states them, without control dependencies. */
  readonly sources: readonly DefSource[];
  /** The attributes as the file states them: each is an object whose key is its type. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

const fractional: ReadonlySet<string> = new Set([
  ...['', 'DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', 'DT_BFLOAT16'],
]);

/** Whether a type has numbers with a fraction. An input that states no type takes such numbers. */
export function isFractional(type = ''): boolean {
  return fractional.has(type);
}

/** An input: one of the outputs of a node. */
export interface DefSource {
  readonly node: string;
  readonly output: number;
}

/**
 * Reads the `modelTopology` of a GraphModel: the JSON of a GraphDef.
 *
 * @throws GradcamError `model` where it is not a GraphDef.
 */
export function readGraphDef(topology: unknown): WholeDefNode[] {
  const { node } = (topology ?? {}) as { node?: unknown };
  if (!Array.isArray(node)) {
    throw new GradcamError('model', 'modelTopology of a graph-model: expected a list node');
  }
  return node.map((value: unknown, i) => {
    const { name, op, input = [], attr } = (value ?? {}) as Record<string, unknown>;
    const isNode = typeof name === 'string' && typeof op === 'string' && Array.isArray(input);
    if (!isNode || !input.every((one) => typeof one === 'string')) {
      throw new GradcamError('model', `node ${i} of the graph: expected name, op and input`);
    }
    const attributes = plainAttributes(attr);
    const data = (input as string[]).filter((one) => !one.startsWith('^'));
    return {
      name,
      op,
      inputs: data.map((one) => one.replace(/:\d+$/, '')),
      sources: data.map(readSource),
      attributes,
      fused: readFused(attributes),
      ...readFacts(attributes),
    };
  });
}

/** `name` is a node's first output, `name:1` its second. */
export function readSource(text: string): DefSource {
  const [, output] = /:(\d+)$/.exec(text) ?? [];
  return { node: text.replace(/:\d+$/, ''), output: Number(output ?? 0) };
}

function readFacts(attributes: unknown): Pick<DefNode, 'dtype' | 'epsilon'> {
  const { dtype, epsilon } = (attributes ?? {}) as {
    dtype?: { type?: unknown };
    epsilon?: { f?: unknown };
  };
  return {
    ...(typeof dtype?.type === 'string' ? { dtype: dtype.type } : {}),
    ...(typeof epsilon?.f === 'number' ? { epsilon: epsilon.f } : {}),
  };
}

function readFused(attributes: unknown): string[] {
  const { fused_ops } = (attributes ?? {}) as { fused_ops?: { list?: { s?: unknown } } };
  const list = fused_ops?.list?.s;
  if (!Array.isArray(list)) return [];
  return list.map((bytes) => (typeof bytes === 'string' ? decodeBase64(bytes) : ''));
}

/** The JSON form of Protocol Buffers writes bytes as base64. */
export function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch (cause) {
    throw new GradcamError('model', `an attribute of the graph: '${text}' is not base64`, {
      cause,
    });
  }
}

/** Sorts nodes so that each comes after its inputs. The nodes of a loop keep the file's order. */
export function sortNodes<N extends DefNode>(nodes: readonly N[]): N[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const state = new Map<string, 'open' | 'done'>();
  const sorted: N[] = [];
  for (const start of nodes) {
    const stack = [start];
    while (stack.length > 0) {
      const node = stack.at(-1)!;
      if (state.get(node.name) === undefined) {
        state.set(node.name, 'open');
        for (const input of node.inputs) {
          const before = byName.get(input);
          if (before !== undefined && !state.has(input)) stack.push(before);
        }
      } else {
        stack.pop();
        if (state.get(node.name) === 'open') sorted.push(node);
        state.set(node.name, 'done');
      }
    }
  }
  return sorted;
}

/** Names of the inputs and of all nodes that depend on any of them. */
export function listDependent(nodes: readonly DefNode[], inputs: readonly string[]): Set<string> {
  const found = new Set(inputs);
  for (const node of sortNodes(nodes)) {
    if (node.inputs.some((input) => found.has(input))) found.add(node.name);
  }
  return found;
}
