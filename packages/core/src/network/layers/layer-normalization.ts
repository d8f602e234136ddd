import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/** `LayerNormalization` over the last axis, of each cell by itself. */
export function readLayerNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const rank = input.shape.length;
  const axis = attributes.raw('axis') ?? -1;
  const last: unknown = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (last !== -1 && last !== rank) attributes.refuse('axis', `-1 or ${rank}, the channels`);
  if (attributes.flag('rms_scaling', false)) attributes.refuse('rms_scaling', 'false');
  const channels = [input.shape.at(-1) ?? 0];
  const weights: Record<string, string> = {};
  if (attributes.flag('scale', true)) weights['gamma'] = call.weight('gamma', channels);
  if (attributes.flag('center', true)) weights['beta'] = call.weight('beta', channels);
  const epsilon = attributes.number('epsilon', 1e-3);
  return call.emit({ kind: 'layerNorm', epsilon }, [input], input.shape, { weights });
}
