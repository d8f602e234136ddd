import type { GraphBuilder } from './graph-builder.ts';

/**
 * `x / (bias + factor * sum of squares) ^ exponent`, where the sum runs over the channel itself, `before`
 * channels before it and `after` channels after it.
 */
export interface LocalResponse {
  readonly before: number;
  readonly after: number;
  readonly bias: number;
  readonly factor: number;
  readonly exponent: number;
}

/**
 * Local response normalisation (Krizhevsky et al. 2012): divides each channel by a power of the sum of
 * squares over neighbouring channels.
 *
 * @param node id of an image [height, width, channels].
 * @returns id of the node that holds the result.
 */
export function normaliseNeighbours(
  builder: GraphBuilder,
  node: string,
  { before, after, bias, factor, exponent }: LocalResponse,
): string {
  const { shape } = builder.nodes.get(node)!;
  const channels = shape.at(-1) ?? 1;
  const squares = builder.emit({ kind: 'multiply' }, [node, node], shape);
  // A sum over neighbouring channels is the product with a band of ones around the diagonal.
  const name = `band of ${before} before and ${after} after over ${channels}`;
  const kernel = builder.weight(name, [channels, channels], () => {
    const band = new Float32Array(channels * channels);
    for (let to = 0; to < channels; to++) {
      const last = Math.min(to + after, channels - 1);
      for (let from = Math.max(to - before, 0); from <= last; from++)
        band[from * channels + to] = 1;
    }
    return band;
  });
  const sums = builder.emit({ kind: 'dense' }, [squares], shape, { weights: { kernel } });
  const line = { kind: 'affine', scale: [factor], offset: [bias] } as const;
  const base = builder.emit(line, [sums], shape);
  const fn = { name: 'power', exponent: -exponent } as const;
  const divisor = builder.emit({ kind: 'activation', fn }, [base], shape);
  return builder.emit({ kind: 'multiply' }, [node, divisor], shape);
}
