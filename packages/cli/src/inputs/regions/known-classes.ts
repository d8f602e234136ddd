import type { TrueClass } from '@gradcam/runs';
import { readClassName } from '../class-name.ts';
import type { AnnotationContext } from './annotated-class.ts';

/**
 * Creates a function that finds the model's class for a name in the annotations. A name that is not a class
 * of the model is reported once, and its objects are left out: annotations usually have more classes than a
 * model, or different ones.
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
