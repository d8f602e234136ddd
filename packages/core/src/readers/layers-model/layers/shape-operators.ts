import { countElements } from '../../../base/nd-array.ts';
import { getItem } from './get-item.ts';
import { onlyTerm, readAxis, type OperatorCall } from './operands.ts';
import type { Term } from './terms.ts';

function termsOf(call: OperatorCall): readonly Term[] {
  return call.operands.map((one) =>
    one.kind === 'value' ? one.term : call.refuse('a constant among the values is not supported'),
  );
}

/** Joins values along one axis. */
export function concatenate(call: OperatorCall): Term {
  const last = call.operands.at(-1);
  // tf.concat takes its axis as the second argument.
  const given = last?.kind === 'constant' ? last.value : call.option('axis');
  const parts = termsOf(
    last?.kind === 'constant' ? { ...call, operands: call.operands.slice(0, -1) } : call,
  );
  const axis = readAxis(call, given ?? 0, parts[0]!.shape.length);
  const fits = parts.every(({ shape }) =>
    shape.every((size, i) => i === axis || size === parts[0]!.shape[i]),
  );
  return fits ? call.terms.concatenate(parts, axis) : call.refuse('the values do not fit together');
}

/** Joins values along a new axis. */
export function stack(call: OperatorCall): Term {
  const parts = termsOf(call);
  const { shape } = parts[0]!;
  const axis = readAxis(call, call.option('axis') ?? 0, shape.length + 1);
  const one = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  return call.terms.concatenate(
    parts.map((part) => call.terms.reshape(part, one)),
    axis,
  );
}

/**
 * Changes the shape. The stated shape includes the batch, whose size is not fixed, so its first size must
 * be -1 or None, or 1 followed by a -1.
 */
export function reshape(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const target =
    call.option('newshape', 'shape') ?? (given?.kind === 'constant' ? given.value : null);
  if (x?.kind !== 'value' || !Array.isArray(target) || target.length === 0) {
    return call.refuse('expected a value and a constant shape');
  }
  const total = countElements(x.term.shape);
  const [batch, ...sizes] = target as unknown[];
  const known = sizes.filter((size) => size !== -1) as number[];
  const shape = sizes.map((size) => (size === -1 ? total / countElements(known) : Number(size)));
  const isBatch = batch === -1 || batch === null || (sizes.includes(-1) && batch === 1);
  if (!isBatch || countElements(shape) !== total || !shape.every(Number.isInteger)) {
    return call.refuse(
      `shape ${JSON.stringify(target)} does not keep the batch and its ${total} elements each`,
    );
  }
  return call.terms.reshape(x.term, shape);
}

/** Puts the axes into another order. The batch axis stays first. */
export function transpose(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const axes = call.option('axes', 'perm') ?? (given?.kind === 'constant' ? given.value : null);
  if (x?.kind !== 'value' || !Array.isArray(axes) || axes[0] !== 0) {
    return call.refuse('expected axes that keep the batch first');
  }
  const { shape } = x.term;
  const dims = (axes.slice(1) as unknown[]).map((axis) => readAxis(call, axis, shape.length));
  if (new Set(dims).size !== shape.length) return call.refuse('expected every axis once');
  const moved = dims.map((axis) => shape[axis]!);
  return call.terms.apply({ kind: 'permute', dims }, [x.term], moved);
}

/** Adds axes of size 1. */
export function expandDims(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const list: unknown[] = Array.isArray(axes) ? axes : [axes];
  const shape = [...x.term.shape];
  const places = list.map((axis) => readAxis(call, axis, shape.length + list.length));
  for (const place of places.sort((a, b) => a - b)) shape.splice(place, 0, 1);
  return call.terms.reshape(x.term, shape);
}

/** Removes axes of size 1: the stated ones, or all. */
export function squeeze(call: OperatorCall): Term {
  const [x, given] = call.operands;
  if (x?.kind !== 'value') return call.refuse('expected a value');
  const { shape } = x.term;
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  const list: unknown[] =
    axes === undefined || axes === null ? [] : Array.isArray(axes) ? axes : [axes];
  const places = list.map((axis) => readAxis(call, axis, shape.length));
  const gone = (size: number, axis: number): boolean =>
    list.length === 0 ? size === 1 : places.includes(axis);
  if (!shape.every((size, axis) => !gone(size, axis) || size === 1)) {
    return call.refuse('an axis has more than one element');
  }
  const left = shape.filter((size, axis) => !gone(size, axis));
  return call.terms.reshape(x.term, left);
}

/** Reverses the order of the elements along axes. */
export function flip(call: OperatorCall): Term {
  const x = onlyTerm({ ...call, operands: call.operands.slice(0, 1) });
  const [, given] = call.operands;
  const axes = call.option('axis') ?? (given?.kind === 'constant' ? given.value : undefined);
  const list: unknown[] = Array.isArray(axes) ? axes : [axes];
  return list.reduce<Term>((turned, one) => {
    const axis = readAxis(call, one, x.shape.length);
    const backwards = { start: null, stop: null, step: -1 };
    const key = [
      '...',
      backwards,
      ...x.shape.slice(axis + 1).map(() => ({ ...backwards, step: 1 })),
    ];
    return getItem({
      ...call,
      operands: [
        { kind: 'value', term: turned },
        { kind: 'constant', value: key },
      ],
    });
  }, x);
}
