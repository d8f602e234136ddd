import { GradcamError } from '../../base/errors.ts';
import type { ItemCounter } from './proto/wire-reader.ts';

/** Bytes of a file with its weights; what is larger has them in files of their own (protobuf's own limit). */
export const MAX_ONNX_BYTES = 2 ** 31;

/**
 * Nodes, tensors, attributes and names of a file. TorchScript writes about 80,000 of them for the largest
 * nets tried (Swin, MaxViT), and a million objects take some 100 MB.
 */
export const MAX_ITEMS = 1_000_000;

/** Nodes of a graph, those of functions counted where they are used: BEiT has 8,871. */
export const MAX_NODES = 100_000;

/** Functions that use functions; torch's exporter needs 3. */
export const MAX_FUNCTION_DEPTH = 16;

/** Axes of a tensor, as numpy has them at most. */
export const MAX_AXES = 32;

/** Integers or floats of one attribute: pads, axes, a table of positions. */
export const MAX_LIST = 1_000_000;

/** Operator sets that are read; 7 is the first with today's broadcasting. */
export const OPSETS = { first: 7, last: 25 } as const;

/** @throws GradcamError `model` from the item that is one too many. */
export function createItemCounter(where: string): ItemCounter {
  let found = 0;
  return {
    count(items) {
      found += items;
      if (found <= MAX_ITEMS) return;
      throw new GradcamError(
        'model',
        `${where}: over ${MAX_ITEMS} nodes, tensors, attributes and names, which is the limit; simplify the model (onnxsim) before it is opened`,
      );
    },
  };
}
