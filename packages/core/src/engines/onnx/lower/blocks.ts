import type { LoweringContext } from './lowering.ts';

/**
 * The largest block of channels in the native runtime's image layout: 16 with AVX-512, fewer with AVX2 and
 * NEON. An image whose channels are not a multiple of the block leaves that layout at every operation.
 */
const BLOCK = 16;

/** Whether an image with this many channels can stay in the blocked layout from op to op. */
export function staysInBlocks(
  { blocks, batch }: Pick<LoweringContext, 'blocks' | 'batch'>,
  channels: number,
): boolean {
  return blocks && batch !== null && channels > 0 && channels % BLOCK === 0;
}

/**
 * Brings an image into the blocked layout, by a pool with windows of one cell.
 *
 * The runtime enters the layout at convolutions and pools only. Sums and products stay in it if all their
 * operands are in it already; otherwise they take all operands out.
 */
export function enterBlocks(
  context: Pick<LoweringContext, 'writer' | 'blocks' | 'batch'>,
  image: string,
  channels: number,
): string {
  if (!staysInBlocks(context, channels)) return image;
  return context.writer.add('MaxPool', [image], { kernel_shape: [1, 1] });
}
