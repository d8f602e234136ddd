import type { TrueClass } from '@gradcam/runs';
import { readClassName } from '../class-name.ts';
import type { AnnotationContext } from './annotated-class.ts';

/**
 * A function from the names of annotations to classes of the model. A name that is no class is told once, and
 * what bears it is left out: a set of annotations mostly has more classes than a model, or others.
 */
export function createClassFinder(
  source: string,
  context: AnnotationContext,
): (name: string) => TrueClass | null {
  const known = new Map<string, TrueClass | null>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const read = readClassName(name, context);
    const result = 'index' in read ? read : null;
    known.set(name, result);
    if ('reason' in read) context.note(`--boxes ${source}: left out: ${read.reason}`);
    return result;
  };
}
