import { GradcamError, type Region } from '@gradcam/core';
import path from 'node:path';
import { readText } from '../read-text.ts';
import type { AnnotatedClass, AnnotationContext, Annotations } from './annotated-class.ts';
import { digestFiles } from './digest-files.ts';
import { createClassFinder } from './known-classes.ts';

/**
 * Reads boxes in the XML of PASCAL VOC and ILSVRC: `<name of the image>.xml` with `<object>` elements. Pixels
 * are counted from 1 and both corners lie inside, so a box of 1..10 is 10 pixels wide. Boxes of parts of
 * objects are left out.
 *
 * @param files names of the XML files in the folder.
 */
export async function openVoc(
  folder: string,
  files: readonly string[],
  context: AnnotationContext,
): Promise<Annotations> {
  const find = createClassFinder(folder, context);
  const names = new Map(files.map((name) => [path.parse(name).name, name]));
  return {
    kind: 'voc',
    digest: await digestFiles(folder, files),
    async find(image, size) {
      const name = names.get(path.parse(image).name);
      if (name === undefined) return [];
      const file = path.join(folder, name);
      const text = (await readText(file, `--boxes ${file}`)).toString('utf8');
      return readObjects(text, file, size, find);
    },
  };
}

function readObjects(
  text: string,
  file: string,
  { width, height }: { readonly width: number; readonly height: number },
  find: ReturnType<typeof createClassFinder>,
): AnnotatedClass[] {
  const size = elements(text, 'size')[0] ?? '';
  const [statedWidth, statedHeight] = [numberIn(size, 'width'), numberIn(size, 'height')];
  // Some programs write 0 if they do not know the size.
  if ((statedWidth || width) !== width || (statedHeight || height) !== height) {
    throw new GradcamError(
      'image',
      `${file}: is of an image of ${statedWidth}x${statedHeight} pixels, the image has ${width}x${height}`,
    );
  }
  const classes = new Map<number, { label?: string; boxes: Region[] }>();
  for (const whole of elements(text, 'object')) {
    const object = elements(whole, 'part').reduce((rest, part) => rest.replace(part, ''), whole);
    const name = elements(object, 'name')[0]?.trim() ?? '';
    const box = readBox(elements(object, 'bndbox')[0] ?? '');
    if (name === '' || box === null) {
      throw new GradcamError(
        'image',
        `${file}: <object>: expected a <name> and a <bndbox> with xmin, ymin, xmax and ymax`,
      );
    }
    const found = find(name);
    if (found === null) continue;
    const { index, label } = found;
    const known = classes.get(index) ?? { ...(label === undefined ? {} : { label }), boxes: [] };
    known.boxes.push(box);
    classes.set(index, known);
  }
  return [...classes].map(([index, { label, boxes }]) => ({
    index,
    ...(label === undefined ? {} : { label }),
    region: { boxes },
  }));
}

/** The contents of all elements with the given name that do not contain further elements of that name. */
function elements(text: string, name: string): string[] {
  const found: string[] = [];
  const [start, end] = [`<${name}>`, `</${name}>`];
  for (let from = text.indexOf(start); from >= 0;) {
    const to = text.indexOf(end, from);
    if (to < 0) break;
    found.push(text.slice(from + start.length, to));
    from = text.indexOf(start, to);
  }
  return found;
}

function numberIn(text: string, name: string): number {
  const value = elements(text, name)[0]?.trim() ?? '';
  return value === '' ? NaN : Number(value);
}

function readBox(text: string): Region | null {
  const [left, top, right, bottom] = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) =>
    numberIn(text, name),
  ) as [number, number, number, number];
  const isBox = [left, top, right, bottom].every(Number.isFinite) && right >= left && bottom >= top;
  if (!isBox) return null;
  return { x: left - 1, y: top - 1, width: right - left + 1, height: bottom - top + 1 };
}
