import { overAxes, readAxes } from './axes.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';
import { createTerms } from './terms.ts';

/** `LayerNormalization`: over the last axis, separately for each cell, or over several last axes as one. */
export function readLayerNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const rank = input.shape.length;
  const axes = readAxes(call).sort((a, b) => a - b);
  if (axes.some((axis, i) => axis !== rank - axes.length + i)) {
    attributes.refuse('axis', `the channels, or the last axes of [${input.shape.join(', ')}]`);
  }
  if (attributes.flag('rms_scaling', false)) attributes.refuse('rms_scaling', 'false');
  const sizes = axes.map((axis) => input.shape[axis]!);
  const weights: Record<string, string> = {};
  if (attributes.flag('scale', true)) weights['gamma'] = call.weight('gamma', sizes);
  if (attributes.flag('center', true)) weights['beta'] = call.weight('beta', sizes);
  const epsilon = attributes.number('epsilon', 1e-3);
  const terms = createTerms(call);
  return overAxes(terms, terms.of(input), axes, (x) =>
    terms.apply({ kind: 'layerNorm', epsilon }, [x], x.shape, { weights }),
  ).write('output');
}
