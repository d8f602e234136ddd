import fc from 'fast-check';

type Pair = readonly [height: number, width: number];
type PaddingMode = 'same' | 'valid';

/**
 * One layer of a drawn net, in terms that print readably when a test fails. A step that does not fit
 * where it stands (a window larger than the image, ..) is left out when the net is built.
 */
export type Step =
  | {
      readonly op: 'conv' | 'transposed';
      readonly filters: number;
      readonly size: Pair;
      readonly strides: Pair;
      readonly dilations: Pair;
      readonly padding: PaddingMode;
      readonly groups: number;
    }
  | {
      readonly op: 'depthwise' | 'separable';
      readonly size: Pair;
      readonly strides: number;
      readonly multiplier: number;
      readonly padding: PaddingMode;
    }
  | {
      readonly op: 'maxPool' | 'averagePool';
      readonly size: Pair;
      readonly strides: Pair;
      readonly padding: PaddingMode;
    }
  | { readonly op: 'relu'; readonly max: number | null; readonly slope: number }
  | { readonly op: 'prelu'; readonly shared: boolean }
  | { readonly op: 'batchNorm' }
  | {
      readonly op: 'pad' | 'crop';
      readonly edges: readonly [top: number, bottom: number, left: number, right: number];
    }
  | { readonly op: 'upsample'; readonly how: 'nearest' | 'bilinear' }
  /** With what stands `back` steps before the last, if its shape fits. */
  | { readonly op: 'join'; readonly how: Join; readonly back: number };

export type Join = 'Add' | 'Subtract' | 'Average' | 'Maximum' | 'Minimum' | 'Concatenate';

/** Layers without kinks, whose values float32 rounds; no kink may follow them. */
export type SmoothStep =
  | { readonly op: 'activation'; readonly name: 'swish' | 'softplus' | 'elu' }
  | { readonly op: 'averagePool'; readonly size: Pair; readonly padding: PaddingMode }
  | { readonly op: 'gate' };

/** A whole net; all weights follow from its seed. */
export interface NetPlan {
  readonly seed: number;
  readonly image: readonly [height: number, width: number, channels: number];
  readonly steps: readonly Step[];
  readonly smooth: readonly SmoothStep[];
  readonly tail: 'flatten' | 'mean' | 'max';
  /** Units of a dense layer with a ReLU before the last; 0 for none. */
  readonly hidden: number;
  readonly ends: 'logits' | 'softmax' | 'sigmoid';
}

/** Plain objects: they print as they are written. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
const pair = (values: fc.Arbitrary<number>): fc.Arbitrary<Pair> => fc.tuple(values, values);
const padding = fc.constantFrom<PaddingMode>('same', 'valid');
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

const convolution = record({
  op: fc.constantFrom('conv' as const, 'transposed' as const),
  filters: upTo(4),
  size: pair(upTo(3)),
  strides: pair(upTo(3)),
  dilations: pair(upTo(2)),
  padding,
  groups: upTo(2),
});
const depthwise = record({
  op: fc.constantFrom('depthwise' as const, 'separable' as const),
  size: pair(upTo(3)),
  strides: upTo(2),
  multiplier: upTo(2),
  padding,
});
const maxPool = record({
  op: fc.constant('maxPool' as const),
  size: pair(upTo(3)),
  strides: pair(upTo(3)),
  padding,
});
/** Of one or two cells: a mean of three is no dyadic number. */
const averagePool = record({
  op: fc.constant('averagePool' as const),
  size: pair(upTo(2)),
  strides: pair(upTo(2)),
  padding,
});
const relu = record({
  op: fc.constant('relu' as const),
  max: fc.constantFrom(null, null, 6, 3),
  slope: fc.constantFrom(0, 0, 0.25),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: convolution, weight: 4 },
  { arbitrary: relu, weight: 4 },
  { arbitrary: depthwise, weight: 2 },
  { arbitrary: maxPool, weight: 2 },
  averagePool,
  record({ op: fc.constant('prelu' as const), shared: fc.boolean() }),
  record({ op: fc.constant('batchNorm' as const) }),
  record({
    op: fc.constantFrom('pad' as const, 'crop' as const),
    edges: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  }),
  record({
    op: fc.constant('upsample' as const),
    how: fc.constantFrom('nearest' as const, 'bilinear' as const),
  }),
  {
    arbitrary: record({
      op: fc.constant('join' as const),
      how: fc.constantFrom<Join>(
        ...(['Add', 'Subtract', 'Average', 'Maximum', 'Minimum', 'Concatenate'] as const),
      ),
      back: fc.integer({ min: 1, max: 4 }),
    }),
    weight: 3,
  },
);
const smooth: fc.Arbitrary<SmoothStep> = fc.oneof(
  record({
    op: fc.constant('activation' as const),
    name: fc.constantFrom('swish' as const, 'softplus' as const, 'elu' as const),
  }),
  record({ op: fc.constant('averagePool' as const), size: pair(upTo(3)), padding }),
  record({ op: fc.constant('gate' as const) }),
);

/** Nets of up to ten layers and a tail, on images of odd and even sizes. */
export const netPlans: fc.Arbitrary<NetPlan> = record({
  seed: fc.nat(9999),
  image: fc.tuple(
    fc.integer({ min: 3, max: 11 }),
    fc.integer({ min: 3, max: 11 }),
    fc.integer({ min: 1, max: 3 }),
  ),
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
  smooth: fc.array(smooth, { maxLength: 2 }),
  tail: fc.constantFrom('flatten' as const, 'mean' as const, 'max' as const),
  hidden: fc.constantFrom(0, 0, 3),
  ends: fc.constantFrom('softmax' as const, 'logits' as const, 'sigmoid' as const),
});
