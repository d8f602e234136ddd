import type { Model } from '../model/description.ts';
import { listOpaqueCalls } from '../network/opaque-call.ts';

/**
 * Why several images cannot share one pass of a model; null where they can. A pass over a batch is known to
 * compute each item as it computes the item alone where all layers are of the op set. Layers that another
 * library computes may treat the batch axis in their own way, for example use the batch's statistics. Those
 * that are copied from an ONNX file were tried when the model was loaded.
 */
export function runsAlone({
  network,
  oneAtATime,
}: Pick<Model, 'network' | 'oneAtATime'>): string | null {
  if (oneAtATime !== undefined) return oneAtATime;
  const call = listOpaqueCalls(network).find(({ by }) => by !== 'onnx-file');
  if (call === undefined) return null;
  return `${call.layer} (${call.className}) is computed by another library, which may treat several images differently from one`;
}
