import { resizeFilters } from '../artifact/artifact.ts';
import { GradcamError } from '../base/errors.ts';
import { checkBoxReading } from '../network/box-reading.ts';
import { describeValue } from '../base/option-names.ts';
import type { ModelOverrides } from './description.ts';

const OVERRIDES: Readonly<Record<keyof Required<ModelOverrides>, true>> = {
  ...{ inputRange: true, mean: true, std: true, channelOrder: true, fit: true },
  ...{ cropFraction: true, resize: true, boxes: true },
  ...{ classNames: true, id: true, inputSize: true, output: true, imageInput: true },
};

/** The names of all facts that a caller can state about a model. */
export const overrideNames: readonly string[] = Object.keys(OVERRIDES);

const CHOICES = {
  inputRange: ['0..255', '0..1', '-1..1'],
  channelOrder: ['rgb', 'bgr', 'gray'],
  fit: ['crop', 'squash', 'letterbox'],
  resize: resizeFilters,
} as const;

/**
 * Checks the types of the stated facts, for callers who write JavaScript.
 *
 * @throws GradcamError `argument` that names the fact, what it takes and what was given.
 */
export function checkOverrides(overrides: ModelOverrides): void {
  const part: unknown = overrides.cropFraction;
  if (part !== undefined && !(typeof part === 'number' && part > 0 && part <= 1)) {
    refuse('cropFraction', 'a number above 0, at most 1', part);
  }
  for (const name of ['inputRange', 'channelOrder', 'fit', 'resize'] as const) {
    const [value, choices] = [overrides[name], CHOICES[name] as readonly string[]];
    if (value === undefined || choices.includes(value)) continue;
    refuse(name, choices.join(', '), value);
  }
  for (const name of ['mean', 'std', 'inputSize'] as const) {
    const value: unknown = overrides[name];
    if (value !== undefined && !Array.isArray(value)) refuse(name, 'a list of numbers', value);
  }
  const { imageInput } = overrides as { imageInput?: unknown };
  if (imageInput !== undefined && typeof imageInput !== 'string') {
    refuse('imageInput', 'the name of an input', imageInput);
  }
  if (overrides.boxes !== undefined) checkBoxReading(overrides.boxes);
  const names: unknown = overrides.classNames;
  const isNames =
    typeof names === 'object' &&
    names !== null &&
    Array.isArray((names as { labels?: unknown }).labels) &&
    Array.isArray((names as { wnids?: unknown }).wnids);
  if (names !== undefined && !isNames) {
    refuse('classNames', '{ labels, wnids }, as parseLabels gives them', names);
  }
}

function refuse(name: string, expected: string, found: unknown): never {
  throw new GradcamError('argument', `${name}: expected ${expected}, got ${describeValue(found)}`);
}
