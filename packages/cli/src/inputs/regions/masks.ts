import { GradcamError } from '@gradcam/core';
import { decodeImage } from '@gradcam/core/node';
import { readBytes } from '@gradcam/runs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { AnnotatedClass, AnnotationContext, Annotations } from './annotated-class.ts';
import { digestFiles } from './digest-files.ts';
import { createClassFinder } from './known-classes.ts';

/**
 * Reads masks, which are pictures of the image's size: `<class>/<name of the image>.png`. A pixel belongs to
 * the object if any of its channels is not zero.
 *
 * @param folders names of the folders, one for each class.
 */
export async function openMasks(
  root: string,
  folders: readonly string[],
  context: AnnotationContext,
): Promise<Annotations> {
  const find = createClassFinder(root, context);
  const files = new Map<string, string[]>();
  const all: string[] = [];
  for (const folder of [...folders].sort()) {
    const names = (await readdir(path.join(root, folder))).filter((name) => /\.png$/i.test(name));
    for (const name of names.sort()) {
      const stem = path.parse(name).name;
      files.set(stem, [...(files.get(stem) ?? []), path.join(folder, name)]);
      all.push(`${folder}/${name}`);
    }
  }
  return {
    kind: 'masks',
    digest: await digestFiles(root, all),
    async find(image, { width, height }) {
      const classes: AnnotatedClass[] = [];
      for (const name of files.get(path.parse(image).name) ?? []) {
        const found = find(path.dirname(name));
        if (found === null) continue;
        const file = path.join(root, name);
        const picture = await decodeImage(await readBytes(file), file);
        if (picture.width !== width || picture.height !== height) {
          throw new GradcamError(
            'image',
            `${file}: expected a mask of the image's size ${width}x${height}, found ${picture.width}x${picture.height}`,
          );
        }
        const { channels, data: pixels } = picture;
        const data = new Uint8Array(width * height);
        for (let i = 0; i < data.length; i++) {
          const at = i * channels;
          data[i] = pixels[at] !== 0 || pixels[at + 1] !== 0 || pixels[at + 2] !== 0 ? 1 : 0;
        }
        classes.push({ ...found, region: { mask: { width, height, data } } });
      }
      return classes;
    },
  };
}
