import type { LoweringContext } from './lowering.ts';

/**
 * Channels in a block of the native runtime's image layout: 16 with AVX-512, 8 with AVX2 and NEON. An
 * image whose channels are no multiple of it leaves that layout at every operation.
 */
const BLOCK = 16;

/** Whether an image of so many channels may stay in the blocked layout, with all the context's values. */
export function staysInBlocks(
  { blocks, batch }: Pick<LoweringContext, 'blocks' | 'batch'>,
  channels: number,
): boolean {
  return blocks && batch !== null && channels > 0 && channels % BLOCK === 0;
}

/**
 * Brings an image into the blocked layout, by a pool of single cells.
 *
 * The runtime changes the layout for convolutions and pools only; sums and products stay in it where
 * all their operands are in it already, and else take all of them out.
 */
export function enterBlocks(
  context: Pick<LoweringContext, 'writer' | 'blocks' | 'batch'>,
  image: string,
  channels: number,
): string {
  if (!staysInBlocks(context, channels)) return image;
  return context.writer.add('MaxPool', [image], { kernel_shape: [1, 1] });
}
