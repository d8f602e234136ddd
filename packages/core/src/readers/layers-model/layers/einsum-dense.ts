import { emitWithActivation } from './activation.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/**
 * `EinsumDense`, if its equation is a dense layer: the last axes are multiplied by a kernel of these axes
 * and of new ones, as in `ab,bc->ac`, `...x,xy->...y`, `abc,cde->abde` or `abcd,cde->abe`. Several axes are
 * joined into one for the product.
 */
export function readEinsumDense(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const { taken, made } = readEquation(call);
  const { shape } = input;
  const before = shape.slice(0, -taken.length);
  const sizes = shape.slice(-taken.length);
  const units = readUnits(call, made.length);
  const weights: Record<string, string> = { kernel: call.weight('kernel', [...sizes, ...units]) };
  const axes = attributes.raw('bias_axes');
  if (axes !== undefined && axes !== '') {
    if (axes !== made) attributes.refuse('bias_axes', `"${made}", the units`);
    weights['bias'] = call.weight('bias', units);
  }
  const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  const flat =
    taken.length === 1
      ? input
      : call.emit({ kind: 'reshape' }, [input], [...before, product(sizes)], { part: 'flat' });
  const dense = { kind: 'dense' } as const;
  if (made.length === 1) {
    return emitWithActivation(call, dense, [flat], [...before, ...units], weights);
  }
  // The result gets its separate axes back before its activation, which may work over the last axis only.
  const dots = call.emit(dense, [flat], [...before, product(units)], { part: 'product', weights });
  return emitWithActivation(call, { kind: 'reshape' }, [dots], [...before, ...units], {});
}

/** Reads from the letters of the equation which axes are summed over and which axes replace them. */
function readEquation({ attributes }: LayerCall): { taken: string; made: string } {
  const equation = attributes.text('equation').replaceAll(' ', '');
  const [, from = '', kernel = '', to = ''] = /^(.*),(\w*)->(.*)$/.exec(equation) ?? [];
  const taken = [...kernel].filter((axis) => from.includes(axis)).join('');
  const made = [...kernel].filter((axis) => !from.includes(axis)).join('');
  const before = from.slice(0, from.length - taken.length);
  const isDense =
    taken !== '' &&
    made !== '' &&
    kernel === taken + made &&
    from === before + taken &&
    to === before + made &&
    ![...taken].some((axis) => before.includes(axis));
  if (isDense) return { taken, made };
  return attributes.refuse(
    'equation',
    'one that multiplies the last axes by a kernel that begins with these, as "abc,cd->abd"; other products over axes are not supported',
  );
}

function readUnits({ attributes }: LayerCall, count: number): number[] {
  const given = attributes.raw('output_shape');
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const units = list.slice(-count);
  const isEach = units.every((size) => Number.isInteger(size) && (size as number) > 0);
  if (units.length === count && isEach) return units as number[];
  return attributes.refuse('output_shape', 'a known number of units');
}
