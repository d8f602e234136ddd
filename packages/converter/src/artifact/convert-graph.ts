import type { FlatNode } from '../formats/graph-def/flat-graph.ts';
import type { GraphFile } from '../formats/graph-def/graph-file.ts';
import {
  CONVERTED_BY,
  writeModelJson,
  type ConversionReport,
  type SourceIdentity,
} from './convert-weights.ts';
import { RECORD_KEY } from './find-record.ts';
import { writeTerminals, writeTopology, type StoredConstant } from './graph-json.ts';
import { holdIntegers } from './integer-weights.ts';
import type { WeightDType } from './quantize.ts';
import type { ArtifactSink } from './sink.ts';
import { storeWeights } from './store-weights.ts';

/** The input of {@link convertGraph}. */
export interface ConvertGraphOptions {
  /** A SavedModel or a frozen graph, as `readSavedModel` and `readFrozenGraph` read it. */
  readonly file: GraphFile;
  /** Name of the new model. Default: that of its file or folder. */
  readonly id?: string | undefined;
  readonly source: SourceIdentity;
  readonly sink: ArtifactSink;
  /** How large weights are stored. Default: float32, which keeps every value. */
  readonly dtype?: WeightDType | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Writes a graph of TensorFlow as a tfjs GraphModel: first the shards, then `model.json`. Nothing is said
 * about how pictures become its input, because the file does not say it.
 *
 * @throws errors of the reader
 */
export async function convertGraph(options: ConvertGraphOptions): Promise<ConversionReport> {
  const { file, sink, dtype = 'float32' } = options;
  const { graph } = file;
  const clamped = new Set<string>();
  const constants = new Map<FlatNode, StoredConstant>();
  const weights = file.weights.map(({ node, tensor }) => {
    const held = holdIntegers(tensor, () => clamped.add(node.name));
    constants.set(node, { shape: tensor.shape, dtype: held.dtype });
    const keep = held.dtype !== 'float32';
    return { name: node.name, shape: tensor.shape, tensor: held.tensor, keep };
  });
  const stored = await storeWeights(sink, weights, options);
  const { sha256, conversion } = await options.source.digests;
  const { uri } = options.source;
  await writeModelJson(sink, {
    format: 'graph-model',
    generatedBy: file.version === '' ? 'tensorflow' : `tensorflow ${file.version}`,
    convertedBy: CONVERTED_BY,
    signature: {
      inputs: writeTerminals(graph.inputs),
      outputs: writeTerminals(graph.outputs),
    },
    modelTopology: writeTopology(graph, constants),
    weightsManifest: [stored.group],
    userDefinedMetadata: {
      [RECORD_KEY]: {
        source: { uri, format: file.format, sha256 },
        conversion,
        shards: stored.digests,
      },
    },
  });
  return {
    id: options.id ?? uri.replace(/\.pb$/i, ''),
    architecture: undefined,
    naming: file.format,
    classes: undefined,
    dtype,
    used: file.weights.map(({ node, tensor }) => ({ weight: node.name, tensor: tensor.name })),
    unused: file.skipped,
    rounded: stored.rounded,
    weightBytes: stored.byteLength,
    shards: stored.group.paths.length,
    notes: [
      ...graph.notes,
      ...[...clamped].map(
        (name) => `constant ${name} has integers that int32 cannot hold; the nearest are stored`,
      ),
    ],
  };
}
