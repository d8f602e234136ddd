import { FormatError, NotFoundError, UnsupportedError } from '../../errors.ts';
import type { RandomAccessSource, SourceFolder } from '../../bytes/source.ts';
import type { StoredTensor, WeightFile } from '../../tensors/stored-tensor.ts';
import { readCheckpointV2 } from '../checkpoint/v2-bundle.ts';
import { finishGraph } from '../graph-def/finish-graph.ts';
import type { FlatWeight } from '../graph-def/flat-graph.ts';
import { flattenGraph } from '../graph-def/flatten-graph.ts';
import { readGraphDef, type GraphDef } from '../graph-def/graph-def.ts';
import type { GraphFile } from '../graph-def/graph-file.ts';
import type { GraphVariable } from '../graph-def/value.ts';
import { SAVED_MODEL_FILES } from './file-names.ts';
import { readMetaGraph, SAVED_MODEL, type MetaGraph } from './meta-graph.ts';
import { listVariableKeys } from './variable-keys.ts';
import { listRestored, type RestoredVariable } from './restored-variables.ts';
import { VARIABLE_VALUE } from './object-graph.ts';
import { chooseSignature, listCallable, type Signature } from './signature.ts';

/** What is read of a SavedModel. */
export interface SavedModelOptions {
  /** The name of the signature that is read. Default: `serving_default`, else the only one. */
  readonly signature?: string | undefined;
}

/**
 * Reads a SavedModel of TensorFlow 1 or 2: one of its signatures as a graph without functions, whose weights
 * are the variables and constants that it needs.
 *
 * @param file `saved_model.pb`.
 * @param variables the folder `variables` beside it.
 * @throws FormatError, ChecksumError, LimitError, NotFoundError; UnsupportedError naming the first node that
 *   cannot be converted
 */
export async function readSavedModel(
  file: RandomAccessSource,
  variables: SourceFolder,
  options: SavedModelOptions = {},
): Promise<GraphFile> {
  const meta = await readMetaGraph(file);
  const signature = chooseSignature(meta.signatures, options.signature, file.name);
  const graph = await readGraphDef(meta.graph);
  const checkpoint = await openCheckpoint(variables);
  const fileBytes = file.byteLength + (checkpoint?.tensors ?? []).reduce(addBytes, 0);
  const opening = { meta, graph, checkpoint };
  const flattened = await flattenGraph(graph, {
    inputs: signature.inputs.map((input) => findPlaceholder(graph, input.key, input.tensor)),
    outputs: signature.outputs.map(({ tensor }) => tensor),
    openVariable: await createVariableOpener(opening),
  });
  const stated = { inputs: signature.inputs, outputs: signature.outputs, notes: [] };
  const finished = await finishGraph(flattened, stated, fileBytes);
  const used = new Set(finished.weights.map(({ tensor }) => tensor.name));
  return {
    format: 'tf-saved-model',
    tensors: checkpoint?.tensors ?? [],
    skipped: listSkipped(checkpoint, used),
    ...finished,
    version: meta.version,
    signatures: listCallable(meta.signatures).map((one) => describeSignature(one, signature)),
  };
}

interface Opening {
  readonly meta: MetaGraph;
  readonly graph: GraphDef;
  readonly checkpoint: WeightFile | null;
}

function addBytes(sum: number, { byteLength }: StoredTensor): number {
  return sum + byteLength;
}

/** Opens the checkpoint in the folder `variables`; null if there is none. */
export async function openCheckpoint(variables: SourceFolder): Promise<WeightFile | null> {
  const prefix = SAVED_MODEL_FILES.variables;
  const index = await variables.open(`${prefix}.index`);
  return index === undefined ? null : readCheckpointV2(index, prefix, variables);
}

function findPlaceholder(graph: GraphDef, key: string, tensor: string): string {
  const name = tensor.replace(/:0$/, '');
  const node = graph.nodes.get(name);
  if (node === undefined) {
    throw new FormatError(SAVED_MODEL, `input ${key} of the signature names no node: '${tensor}'`);
  }
  if (node.op.startsWith('Placeholder')) return name;
  throw new UnsupportedError(
    'input',
    `input ${key} of the signature is the node ${name} (${node.op}); expected a placeholder`,
  );
}

async function createVariableOpener({
  meta,
  graph,
  checkpoint,
}: Opening): Promise<(variable: GraphVariable) => FlatWeight | null> {
  const tensors = new Map(checkpoint?.tensors.map((tensor) => [tensor.name, tensor]));
  const restored = await listRestored(graph, meta.restore);
  const keys =
    meta.objects === null
      ? new Map<string, string>()
      : await listVariableKeys(graph, meta.objects, [...tensors.keys()]);
  return (variable) => {
    if (checkpoint === null) {
      throw new NotFoundError(
        `${SAVED_MODEL_FILES.variables}.index`,
        `the graph needs the variable ${variable.name}, but the folder ${SAVED_MODEL_FILES.variables} beside ${SAVED_MODEL_FILES.graph} has no ${SAVED_MODEL_FILES.variables}.index; put the whole folder there`,
      );
    }
    const key = keys.get(variable.node) ?? findKey(variable, restored.get(variable.node));
    const tensor = tensors.get(key) ?? tensors.get(variable.name + VARIABLE_VALUE);
    if (tensor === undefined) return null;
    return { variable: variable.name, open: async () => tensor, readNumber: async () => null };
  };
}

/** The tensor that the graph restores into a variable, or else the one of the variable's name. */
function findKey({ name }: GraphVariable, restored: RestoredVariable | undefined): string {
  if (restored === undefined) return name;
  if (restored.part === '') return restored.key;
  throw new UnsupportedError(
    'partitioned variable',
    `the variable ${name} is a part of the tensor ${restored.key} (${restored.part}), which is not supported`,
  );
}

function listSkipped(
  checkpoint: WeightFile | null,
  used: ReadonlySet<string>,
): GraphFile['skipped'] {
  const unused = (checkpoint?.tensors ?? []).filter(({ name }) => !used.has(name));
  return unused.map(({ name }) => ({ name, reason: 'the signature does not need it' }));
}

function describeSignature(
  { name, inputs, outputs }: Signature,
  chosen: Signature,
): GraphFile['signatures'][number] {
  return {
    name,
    inputs: inputs.map(({ key }) => key),
    outputs: outputs.map(({ key }) => key),
    isChosen: name === chosen.name,
  };
}
