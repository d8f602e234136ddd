import type { ModelDescription } from '@gradcam/core';
import { isWebAddress, readBytes } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Terminal } from '../../terminal/messages.ts';

/** The sha256 of the scenes that come with the project, as `demo/scenes` holds them. */
export const demoScenes: Readonly<Record<string, string>> = {
  'cat-and-dog-128.png': 'e6f79ecde1e86224aa2d41fd62742e545f33a51d4669f80c3771fcb2f8714aba',
  'cat-and-dog.png': 'accaca1e4d1b45eab6889eed031c9ca63a855cb0b95c72a6f9768418990aa2d9',
  'garden.png': 'a4fb6aa3f0847f64bf31017ce30fb640fedc76a3787d96c68ba8458150e23605',
  'parade-128.png': '108e5f3a2a9e6cb71b630494047e76d53f469b217226fa24c2f426df8481b8ab',
  'parade.png': 'd70f4cf7f6f0a6e9b79c396c83b31adf21c9f82cfc0a1ed8bad5cf884cdc681e',
  'street.png': '5fe36a86aac0eb6ef80c9343f79271dd4ee8d2643e173a37e88b2a76f1124e90',
};

/**
 * Warns a user of a demo net that its answers about photos mean little, except where all images are scenes of
 * the demo. New users often try a demo net on their first photo, because it is the only model they have, and
 * a demo net gives high scores even to photos.
 */
export async function noteDemo(
  { id, artifact }: ModelDescription,
  images: readonly string[],
  terminal: Pick<Terminal, 'note'>,
): Promise<void> {
  if (artifact?.architecture.startsWith('demo-') !== true) return;
  if (await areDemoScenes(images)) return;
  terminal.note(
    `${id} was trained on drawings of ten things, so its answers about photos mean little, however sure they look; for photos, get a small net: npx gradcam fetch mobilenet_v1_0.25_224`,
  );
}

/** Only files with the name of a scene are read. */
async function areDemoScenes(images: readonly string[]): Promise<boolean> {
  for (const image of images) {
    const expected = demoScenes[path.basename(image)];
    if (expected === undefined || isWebAddress(image)) return false;
    const bytes = await readBytes(image).catch(() => null);
    if (bytes === null) return false;
    if (createHash('sha256').update(bytes).digest('hex') !== expected) return false;
  }
  return true;
}
