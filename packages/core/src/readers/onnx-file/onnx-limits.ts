import { GradcamError } from '../../base/errors.ts';
import type { ItemCounter } from './proto/wire-reader.ts';

/**
 * Most bytes of one file, which is protobuf's own limit. Larger models keep their weights in further files.
 */
export const MAX_ONNX_BYTES = 2 ** 31;

/**
 * Most nodes, tensors, attributes and names of a file. TorchScript writes about 80,000 of them for the
 * largest nets tried (Swin, MaxViT), and a million objects take some 100 MB.
 */
export const MAX_ITEMS = 1_000_000;

/** Most nodes of a graph, where a function's nodes count at each call. BEiT has 8,871. */
export const MAX_NODES = 100_000;

/** Most levels of functions that call functions. PyTorch's exporter needs 3. */
export const MAX_FUNCTION_DEPTH = 16;

/** Most axes of a tensor, as in NumPy. */
export const MAX_AXES = 32;

/** Most numbers of one attribute: pads, axes, a table of positions. */
export const MAX_LIST = 1_000_000;

/** Operator sets that are supported. 7 is the first with today's rules of broadcasting. */
export const OPSETS = { first: 7, last: 25 } as const;

/** Counts the items of a file. @throws GradcamError `model` at the first item over the limit. */
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
