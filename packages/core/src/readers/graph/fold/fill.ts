import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant, type ElementKind } from '../constant.ts';
import { checkStatedShape } from '../new-shapes.ts';
import { contradictory } from '../node-error.ts';
import { valuesOf } from './elementwise.ts';
import type { FoldCall } from './fold-node.ts';

/** Constants that a node makes of a few numbers. */

/**
 * One number everywhere.
 *
 * @throws GradcamError `model` for a shape that is none.
 */
export function filledConstant(
  call: FoldCall,
  element: ElementKind,
  shape: readonly number[],
  value: number,
): Constant {
  checkStatedShape(call, shape);
  return lazyConstant(call.name, element, shape, () =>
    valuesOf(element, countElements(shape)).fill(value),
  );
}

/**
 * The numbers from `start` up to, but not including, `limit`.
 *
 * @throws GradcamError `model` for a step of 0 and bounds that are no numbers.
 */
export function rangeConstant(
  call: FoldCall,
  element: ElementKind,
  { start, limit, step }: NumberRange,
): Constant {
  const count = Math.max(0, Math.ceil((limit - start) / step));
  if (!Number.isSafeInteger(count)) {
    throw contradictory(call, `the numbers from ${start} to ${limit} in steps of ${step}`);
  }
  return lazyConstant(call.name, element, [count], () =>
    valuesOf(element, count).map((_, i) => start + i * step),
  );
}

export interface NumberRange {
  readonly start: number;
  readonly limit: number;
  readonly step: number;
}
