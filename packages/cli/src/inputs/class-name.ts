import { isGradcamError, parseTarget, shortLabel, type ClassNames } from '@gradcam/core';
import type { TrueClass } from '@gradcam/runs';

/** A model's classes. */
export interface ModelClasses {
  readonly names: ClassNames;
  readonly count: number;
}

/**
 * Finds the class that a folder, a table or an annotation names: by WordNet id, label (also with `_` for
 * spaces) or index.
 *
 * @returns the reason if no class, or more than one, has the name.
 */
export function readClassName(
  name: string,
  { names, count }: ModelClasses,
): TrueClass | { readonly reason: string } {
  const attempts = name.includes('_') ? [name, name.replaceAll('_', ' ')] : [name];
  let reason = '';
  for (const attempt of attempts) {
    try {
      const [spec] = parseTarget(attempt, names, count);
      if (spec?.kind === 'class') {
        const label = names.labels[spec.index];
        const { index } = spec;
        return label === undefined ? { index } : { index, label: shortLabel(label) };
      }
      reason = `'${name}' is not a class of the model`;
    } catch (error) {
      if (!isGradcamError(error)) throw error;
      reason = error.message;
    }
  }
  return { reason };
}
