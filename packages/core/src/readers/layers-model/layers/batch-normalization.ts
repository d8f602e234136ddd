import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/** `BatchNormalization` with its moving statistics, over the last axis. */
export function readBatchNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const rank = input.shape.length;
  const axis = attributes.raw('axis') ?? -1;
  const last = Array.isArray(axis) ? axis[0] : axis;
  if (last !== -1 && last !== rank) attributes.refuse('axis', `-1 or ${rank}, the channels`);
  const channels = [input.shape.at(-1) ?? 0];
  const weights: Record<string, string> = {
    mean: call.weight('moving_mean', channels),
    variance: call.weight('moving_variance', channels),
  };
  if (attributes.flag('scale', true)) weights['gamma'] = call.weight('gamma', channels);
  if (attributes.flag('center', true)) weights['beta'] = call.weight('beta', channels);
  const epsilon = attributes.number('epsilon', 1e-3);
  return call.emit({ kind: 'batchNorm', epsilon }, [input], input.shape, { weights });
}
