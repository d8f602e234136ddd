import { readAxis, type OperatorCall } from './operands.ts';
import type { Term } from './terms.ts';

/**
 * Mean or sum over the stated axes. Without stated axes the operator would also reduce the batch, which is
 * refused.
 */
export function reduce(call: OperatorCall, isMean: boolean): Term {
  const { x, axes, left, keeps } = readReduction(call);
  const { shape } = x;
  if (isMean && shape.length === 3 && [...axes].sort().join() === '0,1') {
    const mean = call.terms.apply({ kind: 'globalAveragePool' }, [x], [shape[2]!]);
    return keeps ? call.terms.reshape(mean, [1, 1, shape[2]!]) : mean;
  }
  const summed = call.terms.sum(x, axes);
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const reduced = isMean ? call.terms.affine(summed, [1 / count], [0]) : summed;
  return keeps ? reduced : call.terms.reshape(reduced, left);
}

/** `Any` of truths: whether one of them is 1. */
export function any(call: OperatorCall): Term {
  const { x, axes, left, keeps } = readReduction(call);
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const found = call.terms.apply({ kind: 'maxTo' }, [x], shape);
  return keeps ? found : call.terms.reshape(found, left);
}

/** The axes of the operand that are reduced, and the sizes of the others. */
function readReduction(call: OperatorCall) {
  const [x, given] = call.operands;
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const stated = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  if (stated === undefined || stated === null) return call.refuse('it reduces the batch as well');
  const { shape } = x.term;
  const axes = (Array.isArray(stated) ? (stated as unknown[]) : [stated]).map((axis) =>
    readAxis(call, axis, shape.length),
  );
  const keeps = call.option('keepdims') === true;
  return { x: x.term, axes, left: shape.filter((_, axis) => !axes.includes(axis)), keeps };
}
