import type { RandomAccessSource } from '../../bytes/source.ts';

/** The first byte of a GraphDef, which begins with a node. */
const NODE_TAG = 0x0a;

/** Whether a file that is called `.pb` begins as a GraphDef. */
export async function isFrozenGraph(source: RandomAccessSource): Promise<boolean> {
  if (source.byteLength < 2) return false;
  const [tag] = await source.read(0, 1);
  return tag === NODE_TAG && /\.pb$/i.test(source.name);
}
