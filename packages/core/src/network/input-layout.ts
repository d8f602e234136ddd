import { GradcamError } from '../base/errors.ts';

/**
 * The axis order of a picture in the model's own input: [height, width, channels], [channels, height,
 * width] or [height, width]. The input of a network is always [height, width, channels]; an op after it
 * makes the model's own order.
 */
export type InputLayout = 'hwc' | 'chw' | 'hw';

/** Sizes of an input without the batch axis; null for a size that the model leaves open. */
export type OpenShape = readonly (number | null)[];

/**
 * Height and width for a model that leaves both open. Most published nets are trained at this size.
 */
const USUAL_SIZE = 224;

/**
 * Sides of the smallest pictures that nets are trained on (scikit-learn's digits). Smaller inputs are
 * tables and vectors.
 */
const LEAST_SIDE = 8;

/** The layout of each input of a model; null for an input that is not a picture. */
export function findInputLayouts(inputs: readonly OpenShape[]): readonly (InputLayout | null)[] {
  const usual = inputs.map((shape) => (isChannelsLast(shape) ? ('hwc' as const) : null));
  // Next to an input [height, width, channels], the other inputs are not pictures in an unusual layout
  // but something else, such as a sequence or a state.
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

/** One row or one column is not a picture. */
function isSide(size: number | null): boolean {
  return size === null || size > 1;
}

/** An input whose last axis is not the channels must at least have the sides of a picture. */
function isLongSide(size: number | null): boolean {
  return size === null || size >= LEAST_SIDE;
}

/** A shape in which every size is known. */
export interface KnownShape {
  readonly shape: readonly number[];
  /**
   * A sentence with the size that was assumed, where the model leaves it open and the caller states none;
   * else null.
   */
  readonly note: string | null;
}

/** Height and width for a picture whose size the model leaves open. */
export interface StatedSizes {
  /** The size that the caller states. A model that is fixed at another size is an error. */
  readonly inputSize?: readonly [height: number, width: number] | undefined;
  /**
   * The size to assume when nobody states one and the sides that the model fixes allow it. Without it,
   * 224 x 224 is assumed and a note says so.
   */
  readonly usualSize?: readonly [height: number, width: number] | undefined;
  /** The size to which the model itself resizes pictures of any size. */
  readonly ownSize?: readonly [height: number, width: number] | undefined;
}

/**
 * Fills in the sizes that a model leaves open. The stated size comes first. Else a picture gets its
 * usual size, or the length of its fixed side for both sides, or 224 x 224.
 *
 * @throws GradcamError `model` for an open size of an input that is not a picture; `argument` for a
 *   stated size that contradicts the model.
 */
export function closeShape(
  name: string,
  shape: OpenShape,
  layout: InputLayout | null,
  { inputSize: stated, usualSize, ownSize }: StatedSizes,
): KnownShape {
  const sides = layout === null ? null : sidesOf(layout);
  if (sides === null) {
    const known = shape.filter((size): size is number => size !== null);
    if (known.length === shape.length && shape.length > 0) return { shape: known, note: null };
    throw new GradcamError(
      'model',
      `input ${name} has shape ${describeShape(shape)}: it is not a picture, so its open sizes cannot be stated; save the model with fixed sizes`,
    );
  }
  const [vertical, horizontal] = sides;
  const [height = null, width = null] = [shape[vertical], shape[horizontal]];
  if (stated !== undefined) checkStated(name, [height, width], stated);
  const isOpen = height === null || width === null;
  const isUsual =
    usualSize !== undefined &&
    [height, width].every((own, i) => own === null || own === usualSize[i]);
  const isOwn = !isUsual && ownSize !== undefined && height === null && width === null;
  const size = stated ??
    (isUsual ? usualSize : null) ??
    (isOwn ? ownSize : null) ?? [height ?? width ?? USUAL_SIZE, width ?? height ?? USUAL_SIZE];
  const known = shape.map((own, axis) => {
    if (own !== null) return own;
    return axis === vertical ? size[0] : size[1];
  });
  const note =
    isOpen && stated === undefined && !isUsual
      ? `input ${name} leaves its size open, ${size.join('x')} is assumed${isOwn ? ', to which the model resizes every picture' : ''} (state it with --input-size)`
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

/** The axes of height and width. */
function sidesOf(layout: InputLayout): readonly [vertical: number, horizontal: number] {
  return layout === 'chw' ? [1, 2] : [0, 1];
}

/** The picture [height, width, channels] that an input of this shape takes. */
export function imageShapeOf(shape: readonly number[], layout: InputLayout): readonly number[] {
  const [a = 1, b = 1, c = 1] = shape;
  return layout === 'hwc' ? [a, b, c] : layout === 'chw' ? [b, c, a] : [a, b, 1];
}

/** A shape for messages, with open sizes as `any`. */
export function describeShape(shape: OpenShape): string {
  return `[${shape.map((size) => size ?? 'any').join(', ')}]`;
}
