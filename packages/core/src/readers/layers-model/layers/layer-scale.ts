import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/** `LayerScale` of Keras's ConvNeXt: a factor for each channel. Keras gives its only weight no name. */
export function readLayerScale(call: LayerCall): Value {
  const input = onlyInput(call);
  call.attributes.raw('init_values');
  const channels = call.attributes.number('projection_dim');
  const [suffix = 'gamma'] = call.weightSuffixes();
  const weights = { scale: call.weight(suffix, [channels]) };
  return call.emit({ kind: 'channelScale' }, [input], input.shape, { weights });
}
