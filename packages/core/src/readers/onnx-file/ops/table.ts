import { asFloat32, type Constant } from '../../graph/constant.ts';
import type { NodeValue } from '../../graph/value.ts';
import { isWhole } from '../../graph/whole-numbers.ts';
import { type OnnxCall, unsupported } from '../onnx-call.ts';

/**
 * The rows of a constant table at computed indices, as an embedding looks up its words.
 *
 * @throws GradcamError `unsupported` for indices that are not whole numbers of an input.
 */
export function lookUpRows(call: OnnxCall, table: Constant, indices: NodeValue): NodeValue {
  const { builder } = call;
  if (!isWhole(builder, indices.node)) {
    throw unsupported(
      call,
      'its indices are computed from the picture; expected a constant, or the whole numbers of an input',
    );
  }
  const [rows = 1, ...features] = table.shape;
  const rank = indices.shape.length;
  const shape = [...indices.shape, ...features];
  const order = [...indices.order, ...features.map((_, i) => rank + i)];
  const weight = builder.weight(table.name, table.shape, () => asFloat32(table.values()));
  const node = builder.emit(
    { kind: 'lookUp', rows },
    [indices.node],
    order.map((axis) => shape[axis]!),
    { weights: { table: weight } },
  );
  const channels = features.length === 1 ? rank : null;
  return { kind: 'node', node, shape, order, batch: indices.batch, channels };
}
