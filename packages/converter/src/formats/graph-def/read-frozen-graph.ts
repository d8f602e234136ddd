import type { RandomAccessSource } from '../../bytes/source.ts';
import { NotFoundError, UnsupportedError } from '../../errors.ts';
import { sortByDistance } from '../../mapping/nearest-name.ts';
import { readAttribute, type ShapeJson } from './attribute.ts';
import { finishGraph, type StatedTerminal } from './finish-graph.ts';
import { hasValues } from './tensor-proto.ts';
import { WEB_MANIFEST } from '../model-format.ts';
import type { StoredTensor } from '../../tensors/stored-tensor.ts';
import { flattenGraph } from './flatten-graph.ts';
import { readGraphDef, type GraphDef } from './graph-def.ts';
import { placeWeights } from './place-weights.ts';
import type { GraphFile, GraphWeight } from './graph-file.ts';
import type { NodeDef } from './node-def.ts';
import type { Value } from './value.ts';

/** What is read of a frozen graph. */
export interface FrozenGraphOptions {
  /** The nodes whose values are the outputs. Default: those that no other node takes. */
  readonly outputs?: readonly string[] | undefined;
  /**
   * The values of the constants by the names of their nodes, where other files hold them, as those of
   * tensorflowjs_converter 0.x do.
   */
  readonly weights?: ReadonlyMap<string, StoredTensor> | undefined;
}

/**
 * Reads a frozen graph: a GraphDef whose weights are constants in it. Its inputs are the placeholders that
 * the outputs need.
 *
 * @throws FormatError, also for weights that do not fit the constants; LimitError; NotFoundError for an
 *   output that is no node; UnsupportedError naming the first node that cannot be converted
 */
export async function readFrozenGraph(
  source: RandomAccessSource,
  options: FrozenGraphOptions = {},
): Promise<GraphFile> {
  const whole = await readGraphDef(source);
  const { weights } = options;
  const graph = weights === undefined ? whole : await placeWeights(whole, weights);
  const asked = options.outputs ?? [];
  for (const name of asked) checkOutput(graph, name);
  const inputs = [...graph.nodes.values()].filter((node) => node.op === 'Placeholder');
  const sinks = asked.length > 0 ? asked : listSinks(graph);
  const request = { inputs: inputs.map(({ name }) => name), openVariable: () => null };
  const flattened = await flattenGraph(graph, { ...request, outputs: sinks });
  const ends = sinks.map((name, i) => ({ name, value: flattened.outputs[i]! }));
  const kept = ends.filter(({ value }) => asked.length > 0 || isResult(value));
  const lost = ends.filter(({ value }) => value.kind === 'failed').map(({ name }) => name);
  // Where no sink can be computed, the first one that failed tells why.
  const reason = ends.find(({ value }) => value.kind === 'failed') ?? ends[0]!;
  const chosen = kept.length > 0 ? kept : [reason];
  const finished = await finishGraph(
    { ...flattened, outputs: chosen.map(({ value }) => value) },
    {
      inputs: inputs.map(describeInput),
      outputs: chosen.map(({ name }) => ({ key: name, dtype: 'DT_FLOAT', shape: null })),
      notes: asked.length > 0 ? [] : [describeChoice(chosen, lost)],
    },
    source.byteLength + countBytes(weights),
  );
  await refuseEmpty(graph, finished.weights, source.name);
  return {
    format: 'tf-frozen-graph',
    tensors: finished.weights.map(({ tensor }) => tensor),
    skipped: [],
    ...finished,
    version: '',
    signatures: [],
  };
}

/**
 * @throws UnsupportedError for a graph of which no kernel or matrix has values: as TensorFlow reads it, all
 *   of them are zero.
 */
async function refuseEmpty(
  graph: GraphDef,
  weights: readonly GraphWeight[],
  file: string,
): Promise<void> {
  const isEmpty = async ({ tensor }: GraphWeight): Promise<boolean> => {
    const node = graph.nodes.get(tensor.name);
    if (node?.tensor == null || node.stored !== undefined) return false;
    return !(await hasValues(node.tensor));
  };
  const kernels = weights.filter(({ tensor }) => tensor.shape.length > 1);
  const empty = await Promise.all(kernels.map(isEmpty));
  if (kernels.length === 0 || !empty.every(Boolean)) return;
  throw new UnsupportedError(
    'graph without weights',
    `${file} holds a graph without the values of its weights, as tensorflowjs_converter 0.x wrote it; put its ${WEB_MANIFEST} and the shards that it lists beside it`,
  );
}

function countBytes(weights: ReadonlyMap<string, StoredTensor> = new Map()): number {
  return [...weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

function checkOutput(graph: GraphDef, output: string): void {
  const name = output.replace(/:\d+$/, '');
  if (graph.nodes.has(name)) return;
  const near = sortByDistance(name, [...graph.nodes.keys()]).slice(0, 3);
  throw new NotFoundError(
    name,
    `the graph has no node '${name}' to be an output; nearest: ${near.join(', ')}`,
    near,
  );
}

/** Ops that end a graph without being one of its results. */
const NO_RESULTS: ReadonlySet<string> = new Set([
  ...['Const', 'NoOp', 'Assert', 'Print', 'Placeholder', 'PlaceholderWithDefault', 'SaveV2'],
]);

/** The nodes that no other node takes. */
function listSinks({ nodes }: GraphDef): string[] {
  const taken = new Set<string>();
  for (const { inputs } of nodes.values()) {
    for (const input of inputs) taken.add(input.replace(/:\d+$/, ''));
  }
  const sinks = [...nodes.values()].filter(
    ({ name, op }) => !taken.has(name) && !NO_RESULTS.has(op),
  );
  if (sinks.length > 0) return sinks.map(({ name }) => name);
  throw new UnsupportedError('graph without end', 'the graph has no node that ends it');
}

function describeInput(node: NodeDef): StatedTerminal {
  const [dtype, shape] = ['dtype', 'shape'].map((name) => {
    const message = node.attributes.get(name);
    return message === undefined ? {} : readAttribute(message);
  });
  return {
    key: node.name,
    dtype: String(dtype!['type'] ?? 'DT_FLOAT'),
    shape: (shape!['shape'] as ShapeJson | undefined) ?? null,
  };
}

/** Whether an end of the graph is computed, and no constant. */
function isResult(value: Value): boolean {
  return value.kind === 'computed' && value.node.weight === null;
}

/** The most ends that are named although they cannot be computed. */
const NAMED = 3;

function describeChoice(chosen: readonly { name: string }[], lost: readonly string[]): string {
  const names = chosen.map(({ name }) => name).join(', ');
  const others = lost.length === 0 ? '' : `; ${lost.slice(0, NAMED).join(', ')} cannot be computed`;
  return `assumed: the outputs are ${names}, because no other node takes them${others} (--output)`;
}
