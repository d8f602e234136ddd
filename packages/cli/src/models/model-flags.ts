import {
  countClasses,
  decodeLabels,
  describeOutput,
  isBinary,
  parseBoxReading,
  parseLabels,
  type BoxReading,
  type ModelOverrides,
  type OutputShape,
} from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readText } from '../inputs/read-text.ts';
import { choose } from '../flags/choose.ts';
import { dropUndefined } from '../flags/drop-undefined.ts';
import { optional } from '../flags/flag-values.ts';

/** Flags that state facts which the model's files do not contain, as commander hands them over. */
export interface ModelFlags {
  readonly fit?: string;
  readonly crop?: string;
  readonly resize?: string;
  readonly inputRange?: string;
  readonly inputSize?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly channels?: string;
  readonly labels?: string;
  readonly output?: string;
  readonly explainInput?: string;
  readonly boxes?: string;
}

/**
 * Checks those flags and reads the labels.
 *
 * @throws CommandError 64 naming the flag, the values that it takes and the value that was given; 66 for a
 *   missing labels file.
 */
export async function parseModelFlags(flags: ModelFlags): Promise<ModelOverrides> {
  return dropUndefined({
    fit: optional(flags.fit, (value) =>
      choose('--fit', value, ['crop', 'squash', 'letterbox'] as const),
    ),
    cropFraction: optional(flags.crop, parseShare),
    resize: optional(
      flags.resize,
      (value) =>
        `${choose('--resize', value, ['bilinear', 'bicubic', 'lanczos'] as const)}-antialias` as const,
    ),
    inputRange: optional(flags.inputRange, (value) =>
      choose('--input-range', value, ['0..255', '0..1', '-1..1'] as const),
    ),
    inputSize: optional(flags.inputSize, parseInputSize),
    mean: optional(flags.mean, (value) => parseNumbers('--mean', value)),
    std: optional(flags.std, (value) => parseDivisors('--std', value)),
    channelOrder: optional(flags.channels, (value) =>
      choose('--channels', value, ['rgb', 'bgr'] as const),
    ),
    imageInput: flags.explainInput,
    output: optional(flags.output, (value) => (/^\d+$/.test(value) ? Number(value) : value)),
    boxes: optional(flags.boxes, parseBoxes),
    classNames:
      flags.labels === undefined
        ? undefined
        : parseLabels(decodeLabels(await readText(flags.labels, `--labels ${flags.labels}`))),
  });
}

/**
 * Checks the number of labels. One label too many or too few, as for a model with a background class, would
 * give every class a wrong name.
 *
 * @throws CommandError 64 if the number of labels differs from the number of the model's classes.
 */
export function checkLabels(
  { labels }: ModelFlags,
  { classNames }: ModelOverrides,
  output: OutputShape,
): void {
  const classes = countClasses(output);
  const count = classNames?.labels.length ?? classes;
  // A model with a single sigmoid may have one label; the other class is its opposite.
  if (count === classes || (count === 1 && isBinary(output))) return;
  const expected =
    classes === 0
      ? `the output is ${describeOutput(output)}, which has no classes to name`
      : `expected ${classes} names, one for each class of the model`;
  throw new CommandError(exitCodes.usage, `--labels ${labels}: ${expected}, found ${count}`);
}

/** @throws CommandError 64. */
function parseBoxes(value: string): BoxReading {
  try {
    return parseBoxReading(value);
  } catch (error) {
    throw new CommandError(exitCodes.usage, `--${(error as Error).message}`, { cause: error });
  }
}

/** The stated facts for a command that needs only a model's shapes, without preprocessing and names. */
export function shapesOf({
  inputSize,
  explainInput,
  boxes,
}: Pick<ModelFlags, 'inputSize' | 'explainInput' | 'boxes'>): ModelOverrides {
  return dropUndefined({
    inputSize: optional(inputSize, parseInputSize),
    imageInput: explainInput,
    boxes: optional(boxes, parseBoxes),
  });
}

/**
 * Parses the height and width of a model's picture, such as `224x224`. A single number is used for both.
 *
 * @throws CommandError 64.
 */
export function parseInputSize(value: string): [height: number, width: number] {
  const [, first, second = first] = /^(\d{1,5})(?:x(\d{1,5}))?$/i.exec(value.trim()) ?? [];
  const [height, width] = [Number(first), Number(second)];
  if (height > 0 && width > 0) return [height, width];
  throw new CommandError(
    exitCodes.usage,
    `--input-size takes height and width in pixels, such as 224x224; got '${value}'`,
  );
}

function parseShare(value: string): number {
  const share = value.trim() === '' ? NaN : Number(value);
  if (share > 0 && share <= 1) return share;
  throw new CommandError(
    exitCodes.usage,
    `--crop takes a share greater than 0 and at most 1; got '${value}'`,
  );
}

function parseDivisors(flag: string, value: string): readonly number[] {
  const divisors = parseNumbers(flag, value);
  if (divisors.every((divisor) => divisor > 0)) return divisors;
  throw new CommandError(exitCodes.usage, `${flag} takes numbers above 0; got '${value}'`);
}

/** Parses three numbers for the channels of a colour picture, or one for a gray picture. */
function parseNumbers(flag: string, value: string): readonly number[] {
  const numbers = value.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const isCount = numbers.length === 3 || numbers.length === 1;
  if (isCount && numbers.every((number) => Number.isFinite(number))) return numbers;
  throw new CommandError(
    exitCodes.usage,
    `${flag} takes three numbers a,b,c, or one number for a model of gray pictures; got '${value}'`,
  );
}
