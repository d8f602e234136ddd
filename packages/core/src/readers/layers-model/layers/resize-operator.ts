import type { OperatorCall } from './operands.ts';
import type { Term } from './terms.ts';

/** Resizes an image to a constant size. */
export function resize(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const size = call.option('size') ?? (given?.kind === 'constant' ? given.value : undefined);
  const method = String(call.option('interpolation', 'method') ?? 'bilinear').toLowerCase();
  const grids = { bilinear: 'linear', nearest: 'nearest', bicubic: 'cubic' } as const;
  for (const name of ['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'preserve_aspect_ratio']) {
    if (call.option(name) === true) return call.refuse(`${name} is not supported`);
  }
  if (call.option('data_format') === 'channels_first')
    return call.refuse('channels before rows and columns are not supported');
  const [height, width] = Array.isArray(size) ? (size as unknown[]) : [];
  const isSize = (one: unknown): one is number => Number.isInteger(one) && (one as number) > 0;
  if (x?.kind !== 'value' || x.term.shape.length !== 3 || !isSize(height) || !isSize(width)) {
    return call.refuse('expected an image and a constant size');
  }
  if (!Object.hasOwn(grids, method)) return call.refuse(`method ${method} is not supported`);
  const antialias = call.option('antialias') === true;
  if (antialias && method !== 'bilinear') {
    return call.refuse('antialiasing is supported for method bilinear only');
  }
  const grid = antialias ? 'antialias' : grids[method as keyof typeof grids];
  for (const name of ['fill_mode', 'fill_value']) call.option(name);
  return call.terms.apply(
    { kind: 'resize', grid, height, width },
    [x.term],
    [height, width, x.term.shape[2]!],
  );
}
