import type { LayerCall, Value } from './layer-reader.ts';

/** `Add` of two or more values of one shape. */
export function readAdd(call: LayerCall): Value {
  const [first, ...rest] = call.inputs;
  if (first === undefined || rest.length === 0) {
    return call.attributes.refuse('inbound_nodes', 'at least two inputs');
  }
  for (const { shape } of rest) {
    if (shape.join() !== first.shape.join()) {
      call.attributes.refuse(
        'inbound_nodes',
        `inputs of one shape, not [${first.shape.join(', ')}] and [${shape.join(', ')}]`,
      );
    }
  }
  return call.emit({ kind: 'add' }, call.inputs, first.shape);
}
