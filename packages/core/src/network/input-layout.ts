import { GradcamError } from '../base/errors.ts';

/**
 * How a model takes a picture: [height, width, channels], [channels, height, width] or [height, width].
 * In a network a picture is always the first; the model's own order follows it as an op.
 */
export type InputLayout = 'hwc' | 'chw' | 'hw';

/** Sizes of an input without the batch axis; null for one that the model leaves open. */
export type OpenShape = readonly (number | null)[];

/** Height and width for a model that leaves both open, as most of the published nets are trained at. */
const USUAL_SIZE = 224;

/** The smallest pictures that nets are trained on (scikit-learn's digits); below it are tables and vectors. */
const LEAST_SIDE = 8;

/** Which of a model's inputs are pictures, and in which layout; null for those that are none. */
export function findInputLayouts(inputs: readonly OpenShape[]): readonly (InputLayout | null)[] {
  const usual = inputs.map((shape) => (isChannelsLast(shape) ? ('hwc' as const) : null));
  // Beside a picture as all have it, other inputs are what they say: a sequence, a state.
  if (usual.some((layout) => layout !== null)) return usual;
  const first = inputs.map((shape) => (isChannelsFirst(shape) ? ('chw' as const) : null));
  if (first.some((layout) => layout !== null)) return first;
  return inputs.map((shape) => (inputs.length === 1 && isPlain(shape) ? 'hw' : null));
}

function isChannelsLast(shape: OpenShape): boolean {
  return shape.length === 3 && isChannels(shape[2]) && shape.slice(0, 2).every(isSide);
}

function isChannelsFirst(shape: OpenShape): boolean {
  return shape.length === 3 && isChannels(shape[0]) && shape.slice(1).every(isLongSide);
}

function isPlain(shape: OpenShape): boolean {
  return shape.length === 2 && shape.every(isLongSide);
}

function isChannels(size: number | null | undefined): boolean {
  return size === 1 || size === 3;
}

/** A picture of one row or column is none. */
function isSide(size: number | null): boolean {
  return size === null || size > 1;
}

/** What does not say that it is a picture by its last axis has to look like one. */
function isLongSide(size: number | null): boolean {
  return size === null || size >= LEAST_SIDE;
}

/** A shape in which every size is known. */
export interface KnownShape {
  readonly shape: readonly number[];
  /** What was taken for sizes that the model leaves open and nobody stated. */
  readonly note: string | null;
}

/** Height and width for a picture that leaves them open. */
export interface StatedSizes {
  /** What the caller states; a model of another size refuses it. */
  readonly inputSize?: readonly [height: number, width: number] | undefined;
  /** What is taken where nobody states one, where the model's known sizes allow it; default 224 x 224, with a note. */
  readonly usualSize?: readonly [height: number, width: number] | undefined;
}

/**
 * Fills in the sizes that a model leaves open: what the caller states, else for a picture the usual 224, or
 * its other side where that is known.
 *
 * @throws GradcamError `model` for an open size of another input; `argument` for a stated size that
 *   contradicts the model's.
 */
export function closeShape(
  name: string,
  shape: OpenShape,
  layout: InputLayout | null,
  { inputSize: stated, usualSize }: StatedSizes,
): KnownShape {
  const sides = layout === null ? null : sidesOf(layout);
  if (sides === null) {
    const known = shape.filter((size): size is number => size !== null);
    if (known.length === shape.length && shape.length > 0) return { shape: known, note: null };
    throw new GradcamError(
      'model',
      `input ${name} has shape ${describeShape(shape)}: it is no picture, so its open sizes cannot be stated; save the model with its sizes`,
    );
  }
  const [vertical, horizontal] = sides;
  const [height = null, width = null] = [shape[vertical], shape[horizontal]];
  if (stated !== undefined) checkStated(name, [height, width], stated);
  const isOpen = height === null || width === null;
  const isUsual =
    usualSize !== undefined &&
    [height, width].every((own, i) => own === null || own === usualSize[i]);
  const size = stated ??
    (isUsual ? usualSize : null) ?? [height ?? width ?? USUAL_SIZE, width ?? height ?? USUAL_SIZE];
  const known = shape.map((own, axis) => {
    if (own !== null) return own;
    return axis === vertical ? size[0] : size[1];
  });
  const note =
    isOpen && stated === undefined && !isUsual
      ? `input ${name} leaves its size open, ${size.join('x')} is taken (state it with --input-size)`
      : null;
  return { shape: known, note };
}

function checkStated(
  name: string,
  own: readonly (number | null)[],
  stated: readonly [height: number, width: number],
): void {
  if (own.every((size, i) => size === null || size === stated[i])) return;
  throw new GradcamError(
    'argument',
    `input size ${stated.join('x')}: input ${name} of the model is fixed at ${own.map((size) => size ?? 'any').join('x')}`,
  );
}

/** Where height and width stand. */
function sidesOf(layout: InputLayout): readonly [vertical: number, horizontal: number] {
  return layout === 'chw' ? [1, 2] : [0, 1];
}

/** The picture [height, width, channels] that an input of this shape takes. */
export function imageShapeOf(shape: readonly number[], layout: InputLayout): readonly number[] {
  const [a = 1, b = 1, c = 1] = shape;
  return layout === 'hwc' ? [a, b, c] : layout === 'chw' ? [b, c, a] : [a, b, 1];
}

/** How messages write a shape, open sizes as `any`. */
export function describeShape(shape: OpenShape): string {
  return `[${shape.map((size) => size ?? 'any').join(', ')}]`;
}
