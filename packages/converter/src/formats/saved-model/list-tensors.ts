import { isConverterError, UnsupportedError } from '../../errors.ts';
import type { RandomAccessSource, SourceFolder } from '../../bytes/source.ts';
import type { StoredTensor, WeightFile } from '../../tensors/stored-tensor.ts';
import type { GraphFile } from '../graph-def/graph-file.ts';
import { readGraphDef } from '../graph-def/graph-def.ts';
import { readFrozenGraph, type FrozenGraphOptions } from '../graph-def/read-frozen-graph.ts';
import { hasValues, openTensorProto } from '../graph-def/tensor-proto.ts';
import { openCheckpoint, readSavedModel, type SavedModelOptions } from './read-saved-model.ts';

/**
 * Reads a SavedModel as `readSavedModel` does, or, where its graph cannot be converted, only the tensors of
 * its variables. The reason is then a note.
 *
 * @throws FormatError, ChecksumError, LimitError; the error of the graph if there are no variables
 */
export async function listSavedModel(
  file: RandomAccessSource,
  variables: SourceFolder,
  options: SavedModelOptions = {},
): Promise<GraphFile | WeightFile> {
  try {
    return await readSavedModel(file, variables, options);
  } catch (error) {
    if (!isConverterError(error)) throw error;
    const checkpoint = await openCheckpoint(variables);
    if (checkpoint === null) throw error;
    return tensorsAlone('tf-saved-model', checkpoint.tensors, checkpoint.skipped, error);
  }
}

/**
 * Reads a frozen graph as `readFrozenGraph` does, or, where it cannot be converted, only its constants. The
 * reason is then a note.
 *
 * @throws FormatError, LimitError
 */
export async function listFrozenGraph(
  source: RandomAccessSource,
  options: FrozenGraphOptions = {},
): Promise<GraphFile | WeightFile> {
  try {
    return await readFrozenGraph(source, options);
  } catch (error) {
    if (!isConverterError(error)) throw error;
    if (options.weights !== undefined) {
      return tensorsAlone('tf-frozen-graph', [...options.weights.values()], [], error);
    }
    const { nodes } = await readGraphDef(source);
    const tensors: StoredTensor[] = [];
    const skipped: { name: string; reason: string }[] = [];
    for (const { name, op, tensor } of nodes.values()) {
      if (op !== 'Const' || tensor === null) continue;
      if (!(await hasValues(tensor))) {
        skipped.push({ name, reason: 'the file does not hold its values' });
        continue;
      }
      try {
        tensors.push(await openTensorProto(name, tensor));
      } catch (unread) {
        if (!(unread instanceof UnsupportedError)) throw unread;
        skipped.push({ name, reason: unread.message });
      }
    }
    return tensorsAlone('tf-frozen-graph', tensors, skipped, error);
  }
}

function tensorsAlone(
  format: GraphFile['format'],
  tensors: WeightFile['tensors'],
  skipped: WeightFile['skipped'],
  { message }: Error,
): WeightFile {
  return { format, tensors, skipped, notes: [`the graph cannot be converted: ${message}`] };
}
