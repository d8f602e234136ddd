import type { GraphBuilder } from './graph-builder.ts';

/** `x / (bias + factor * sum of squares) ^ exponent`, the sum over so many channels before and after. */
export interface LocalResponse {
  readonly before: number;
  readonly after: number;
  readonly bias: number;
  readonly factor: number;
  readonly exponent: number;
}

/** Divides each channel by a power of what its neighbours hold (Krizhevsky et al. 2012). Returns the node. */
export function normaliseNeighbours(
  builder: GraphBuilder,
  node: string,
  { before, after, bias, factor, exponent }: LocalResponse,
): string {
  const { shape } = builder.nodes.get(node)!;
  const channels = shape.at(-1) ?? 1;
  const squares = builder.emit({ kind: 'multiply' }, [node, node], shape);
  // Sums over neighbours are a product with a band of ones.
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
