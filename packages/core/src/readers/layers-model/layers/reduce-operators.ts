import { readAxis, type OperatorCall } from './operands.ts';
import type { Term } from './terms.ts';

/**
 * Mean or sum over the stated axes. Without stated axes the operator would also reduce the batch, which is
 * refused.
 */
export function reduce(call: OperatorCall, isMean: boolean): Term {
  const [x, given] = call.operands;
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  if (axes === undefined || axes === null) return call.refuse('it reduces the batch as well');
  const { shape } = x.term;
  const list = (Array.isArray(axes) ? (axes as unknown[]) : [axes]).map((axis) =>
    readAxis(call, axis, shape.length),
  );
  const keeps = call.option('keepdims') === true;
  const left = shape.filter((_, axis) => !list.includes(axis));
  if (isMean && shape.length === 3 && [...list].sort().join() === '0,1') {
    const mean = call.terms.apply({ kind: 'globalAveragePool' }, [x.term], [shape[2]!]);
    return keeps ? call.terms.reshape(mean, [1, 1, shape[2]!]) : mean;
  }
  const summed = call.terms.sum(x.term, list);
  const count = list.reduce((product, axis) => product * shape[axis]!, 1);
  const reduced = isMean ? call.terms.affine(summed, [1 / count], [0]) : summed;
  return keeps ? reduced : call.terms.reshape(reduced, left);
}
