import { GradcamError } from '../../base/errors.ts';
import { resolveAxis } from './fold/shapes.ts';

/** A node of a file, as errors name it: `node layer1.0.conv1 (Conv)`. */
export interface TitledNode {
  readonly title: string;
}

/** The error of a node that is valid, but whose meaning is not supported. */
export function unsupported({ title }: TitledNode, what: string): GradcamError {
  return new GradcamError('unsupported', `${title}: ${what}`);
}

/** The error of a node that contradicts itself, or does not fit its inputs. */
export function contradictory({ title }: TitledNode, what: string): GradcamError {
  return new GradcamError('model', `${title}: ${what}`);
}

/**
 * The place of an axis; negative axes count from the end.
 *
 * @throws GradcamError `model` for an axis that the value does not have.
 */
export function axisOf(node: TitledNode, axis: number, rank: number): number {
  const place = resolveAxis(axis, rank);
  if (place === null) throw contradictory(node, `axis ${axis} of a value with ${rank} axes`);
  return place;
}
