import { imageInput, type LayerCall, type Value } from './layer-reader.ts';

/**
 * `GroupNormalization` of an image: subtracts from each group of neighbouring channels its mean over all
 * cells, and divides by its standard deviation. It is written as a layer normalisation of the groups, which
 * a permutation moves to the last axis.
 */
export function readGroupNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const { input, height, width, channels } = imageInput(call);
  const axis = attributes.number('axis', -1);
  if (axis !== -1 && axis !== 3) attributes.refuse('axis', '-1 or 3, the channels');
  const given = attributes.number('groups', 32);
  // -1 means one group for each channel, which is instance normalisation.
  const groups = given === -1 ? channels : given;
  if (!Number.isInteger(channels / groups)) {
    attributes.refuse('groups', `a divisor of ${channels} channels, or -1`);
  }
  const [cells, members] = [height * width, channels / groups];
  const exchange = { kind: 'permute', dims: [1, 0, 2] } as const;
  const reshape = { kind: 'reshape' } as const;
  const norm = { kind: 'layerNorm', epsilon: attributes.number('epsilon', 1e-3) } as const;

  const byCell = call.emit(reshape, [input], [cells, groups, members], { part: 'cells' });
  const byGroup = call.emit(exchange, [byCell], [groups, cells, members], { part: 'groups' });
  const flat = call.emit(reshape, [byGroup], [groups, cells * members], { part: 'flat groups' });
  const normal = call.emit(norm, [flat], flat.shape, { part: 'normal' });
  const shaped = call.emit(reshape, [normal], byGroup.shape, { part: 'normal groups' });
  const back = call.emit(exchange, [shaped], byCell.shape, { part: 'normal cells' });

  const weights: Record<string, string> = {};
  if (attributes.flag('scale', true)) weights['scale'] = call.weight('gamma', [channels]);
  if (attributes.flag('center', true)) weights['bias'] = call.weight('beta', [channels]);
  if (Object.keys(weights).length === 0) return call.emit(reshape, [back], input.shape);
  const image = call.emit(reshape, [back], input.shape, { part: 'normal image' });
  return call.emit({ kind: 'channelScale' }, [image], input.shape, { weights });
}
