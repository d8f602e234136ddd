import type { Method } from '../methods/method.ts';
import { outputKindOf, type OutputShape } from '../network/output-kind.ts';
import type { ClassNames } from '../readers/labels/labels.ts';
import { readTarget, type TargetChoice, type TargetSpec } from '../targets/target.ts';
import { parseWordTarget, type ScoredCaption } from '../targets/word-target.ts';

/** The targets of an explanation, resolved for an output. */
export interface ReadTargets {
  readonly specs: readonly TargetSpec[];
  /** Says which target was used although the user did not state it; absent if there is none. */
  readonly note?: string;
}

/**
 * Reads the targets of an explanation. A table of numbers has no best class. If the user asked only for the
 * default target and no method depends on a target, the table's first number takes the target's place, and a
 * note says so.
 *
 * @param caption the caption that the targets are about; null for every other output.
 * @throws GradcamError as `readTarget`, and as `parseWordTarget` for the targets of a caption.
 */
export function readTargets(
  targets: readonly TargetChoice[],
  methods: readonly Method[],
  names: ClassNames,
  output: OutputShape,
  caption: ScoredCaption | null = null,
): ReadTargets {
  if (caption !== null) {
    return { specs: targets.flatMap((target) => readOfCaption(target, caption, names, output)) };
  }
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

function readOfCaption(
  target: TargetChoice,
  caption: ScoredCaption,
  names: ClassNames,
  output: OutputShape,
): readonly TargetSpec[] {
  const words = typeof target === 'object' ? null : parseWordTarget(String(target), caption);
  return words ?? readTarget(target, names, output);
}

/** Whether a method's map at a layer reads neither gradients nor scores, as for Eigen-CAM and RandomCAM. */
function looksAtNoTarget(method: Method): boolean {
  return method.passes === 'shared' && method.map === 'grid' && method.gradientFree === true;
}
