import { GradcamError } from '../base/errors.ts';
import {
  encodeModelPieces,
  type OnnxModel,
  type OnnxTensor,
} from '../engines/onnx/proto/onnx-model.ts';
import { countBytes } from '../base/protobuf-writer.ts';

/** A Protocol Buffers message, and therefore an ONNX file, must be smaller than 2 GiB. */
const PROTOBUF_LIMIT = 2 ** 31 - 1;

/** Smaller constants always stay in the model, because runtimes read shapes and the like while loading. */
const OUTSIDE_BYTES = 1024;

/** The alignment that the ONNX format asks for, so that the file can be mapped. */
const ALIGNMENT = 4096;

/** Where the weights stand. */
export interface WeightsPlace {
  /** Name of the file beside the model. */
  readonly file: string;
  /** `needed`: only where a file with everything inside would exceed 2 GiB. */
  readonly when: 'always' | 'needed';
}

/** A model's files as pieces, in order. Pieces with weights share the weights' memory. */
export interface PlacedModel {
  readonly onnx: readonly Uint8Array[];
  readonly externalData: {
    readonly file: string;
    readonly pieces: readonly Uint8Array[];
  } | null;
}

/**
 * Encodes a model whose constants are all in memory. Its weights go into the model or into a file next to
 * it.
 *
 * @throws GradcamError `argument` for a model that is too large for one file, if `place` does not name a
 *   second one.
 */
export function placeWeights(
  model: OnnxModel,
  place: WeightsPlace | undefined,
  limit = PROTOBUF_LIMIT,
): PlacedModel {
  const inside = encodeModelPieces(model);
  const bytes = countBytes(inside);
  if (place?.when !== 'always' && bytes <= limit) return { onnx: inside, externalData: null };
  if (place === undefined) {
    throw new GradcamError(
      'argument',
      `the ONNX file would have ${bytes} bytes and may have ${limit}; let its weights stand in a file beside it (externalData)`,
    );
  }
  const { initializers, pieces } = moveOutside(model.graph.initializers, place.file);
  if (pieces.length === 0) return { onnx: inside, externalData: null };
  const onnx = encodeModelPieces({ ...model, graph: { ...model.graph, initializers } });
  return { onnx, externalData: { file: place.file, pieces } };
}

function moveOutside(
  initializers: readonly OnnxTensor[],
  file: string,
): { initializers: OnnxTensor[]; pieces: Uint8Array[] } {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  const moved = initializers.map((tensor): OnnxTensor => {
    const { data } = tensor;
    if (!(data instanceof Float32Array) || data.byteLength <= OUTSIDE_BYTES) return tensor;
    const bytes = data.byteLength;
    const padding = (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;
    pieces.push(new Uint8Array(data.buffer, data.byteOffset, bytes), new Uint8Array(padding));
    const range = { file, offset, bytes };
    offset += bytes + padding;
    return { ...tensor, data: range };
  });
  return { initializers: moved, pieces };
}
