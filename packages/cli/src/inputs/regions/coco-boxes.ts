import { GradcamError, type Region } from '@gradcam/core';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { readText } from '../read-text.ts';
import type { AnnotatedClass, AnnotationContext, Annotations } from './annotated-class.ts';
import { createClassFinder } from './known-classes.ts';

/** An image that the file describes, with the boxes of each class of the model. */
interface CocoEntry {
  readonly name: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly classes: Map<number, { label?: string; boxes: Region[] }>;
}

/**
 * Reads boxes in COCO's object detection format. An image belongs to the entry whose `file_name` is the end
 * of the image's path; if several are, to the longest. Crowds (`iscrowd`) do not surround a single object and
 * are left out.
 *
 * @throws CommandError 66 for a file that cannot be read, 65 for other content, naming the field.
 */
export async function openCoco(file: string, context: AnnotationContext): Promise<Annotations> {
  const what = `--boxes ${file}`;
  const bytes = await readText(file, what);
  const fault = (field: string, expected: string): CommandError =>
    new CommandError(exitCodes.badData, `${what}: ${field}: expected ${expected}`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    const message = `${what}: no JSON: ${(cause as Error).message}`;
    throw new CommandError(exitCodes.badData, message, { cause });
  }
  const listOf = (name: string): Record<string, unknown>[] => {
    const list = (json as Record<string, unknown> | null)?.[name];
    const isList = Array.isArray(list) && list.every((one) => typeof one === 'object' && one);
    if (!isList) throw fault(name, 'a list of objects, as COCO has it');
    return list as Record<string, unknown>[];
  };
  const find = createClassFinder(file, context);
  const categories = new Map(
    listOf('categories').map(({ id, name }, i) => {
      if (typeof name !== 'string') throw fault(`categories[${i}].name`, 'a name');
      return [id, name] as const;
    }),
  );
  const byId = new Map<unknown, CocoEntry>();
  const byName = new Map<string, CocoEntry>();
  listOf('images').forEach(({ id, file_name: name, width, height }, i) => {
    if (typeof name !== 'string' || name === '') throw fault(`images[${i}].file_name`, 'a name');
    const entry: CocoEntry = {
      ...{ name, width: toSize(width), height: toSize(height) },
      classes: new Map(),
    };
    byId.set(id, entry);
    byName.set(path.posix.normalize(name.replaceAll('\\', '/')), entry);
  });
  listOf('annotations').forEach((annotation, i) => {
    const entry = byId.get(annotation['image_id']);
    const category = categories.get(annotation['category_id']);
    if (entry === undefined) throw fault(`annotations[${i}].image_id`, 'the id of an image');
    if (category === undefined) {
      throw fault(`annotations[${i}].category_id`, 'the id of a category');
    }
    const box = readBox(annotation['bbox']);
    if (box === null) {
      throw fault(`annotations[${i}].bbox`, '[x, y, width, height], finite and not negative');
    }
    const found = annotation['iscrowd'] === 1 ? null : find(category);
    if (found === null) return;
    const { index, label } = found;
    const known = entry.classes.get(index) ?? {
      ...(label === undefined ? {} : { label }),
      boxes: [],
    };
    known.boxes.push(box);
    entry.classes.set(index, known);
  });
  return {
    kind: 'coco',
    digest: createHash('sha256').update(bytes).digest('hex'),
    async find(image, size) {
      const entry = findEntry(image, byName);
      if (entry === null) return [];
      const { width, height } = entry;
      if ((width ?? size.width) !== size.width || (height ?? size.height) !== size.height) {
        throw new GradcamError(
          'image',
          `${image}: has ${size.width}x${size.height} pixels, its annotation is of ${width}x${height}`,
        );
      }
      return [...entry.classes].map(([index, { label, boxes }]): AnnotatedClass => ({
        index,
        ...(label === undefined ? {} : { label }),
        region: { boxes },
      }));
    },
  };
}

function findEntry(image: string, byName: ReadonlyMap<string, CocoEntry>): CocoEntry | null {
  const steps = path.resolve(image).split(path.sep);
  for (let from = 0; from < steps.length; from++) {
    const entry = byName.get(steps.slice(from).join('/'));
    if (entry !== undefined) return entry;
  }
  return null;
}

function toSize(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function readBox(value: unknown): Region | null {
  if (!Array.isArray(value) || value.length !== 4) return null;
  if (!value.every((number) => typeof number === 'number' && Number.isFinite(number))) return null;
  const [x, y, width, height] = value as [number, number, number, number];
  return width >= 0 && height >= 0 ? { x, y, width, height } : null;
}
