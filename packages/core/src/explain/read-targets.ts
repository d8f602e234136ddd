import type { Method } from '../methods/method.ts';
import { outputKindOf, type OutputShape } from '../network/output-kind.ts';
import type { ClassNames } from '../readers/labels/labels.ts';
import { readTarget, type TargetChoice, type TargetSpec } from '../targets/target.ts';

/** What targets mean for an output. */
export interface ReadTargets {
  readonly specs: readonly TargetSpec[];
  /** What was put in place of a target, in words. */
  readonly note?: string;
}

/**
 * Reads the targets of an explanation. A table of numbers has no best class; where every method is of no
 * target and none but the default is asked for, the table's first number stands in the target's place, and is
 * said to.
 *
 * @throws GradcamError as `readTarget`.
 */
export function readTargets(
  targets: readonly TargetChoice[],
  methods: readonly Method[],
  names: ClassNames,
  output: OutputShape,
): ReadTargets {
  const isDefault = targets.every((target) => String(target).trim().toLowerCase() === 'top1');
  const isTable = outputKindOf(output) === 'table' && output.detector === undefined;
  if (isDefault && isTable && methods.every(looksAtNoTarget)) {
    const at = output.shape.map(() => 0);
    return {
      specs: targets.slice(0, 1).map(() => ({ kind: 'element', at }) as const),
      note: `${methods.map(({ name }) => name).join(', ')} looks at no target: the output's first number, element:${at.join(',')}, is named in its place and has no part in the map`,
    };
  }
  return { specs: targets.flatMap((target) => readTarget(target, names, output)) };
}

/** Maps of a layer that take neither gradients nor scores: Eigen-CAM, and RandomCAM. */
function looksAtNoTarget(method: Method): boolean {
  return method.passes === 'shared' && method.map === 'grid' && method.gradientFree === true;
}
