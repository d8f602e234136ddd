import {
  mainHead,
  readTarget,
  type ModelDescription,
  type PreparedInput,
  type TargetChoice,
} from '@gradcam/core';
import { createHash } from 'node:crypto';
import { RunError } from '../run-error.ts';
import { readReference } from '../images/read-reference.ts';
import { createImageReader } from './read-image.ts';

/** The path in `similar:<image>`; null for a target that is another, or where a class is called so. */
export function referenceOf(
  target: TargetChoice,
  { classNames }: Pick<ModelDescription, 'classNames'>,
): string | null {
  const [, image] = (typeof target === 'string' && /^\s*similar:\s*(.+?)\s*$/is.exec(target)) || [];
  const isClass = classNames.labels.some((label) => label.toLowerCase() === 'similar');
  return image === undefined || isClass ? null : image;
}

/**
 * Checks before anything is made that an output can be compared with an image's, by one of nothing but ones.
 *
 * @throws GradcamError `argument` for an output that is no embedding.
 */
export function checkSimilar(name: string, model: ModelDescription): void {
  const head = mainHead(model.network);
  const embedding = new Float32Array(head.classes).fill(1);
  readTarget({ kind: 'similar', name, embedding }, model.classNames, head);
}

/**
 * sha256 of the sha256 of each image that targets name, in order; undefined where none does.
 *
 * @throws RunError `not-found` for an image that is not there, `data` for a file that is none.
 */
export async function digestReferences(
  targets: readonly TargetChoice[],
  model: ModelDescription,
): Promise<string | undefined> {
  const images = targets.flatMap((target) => referenceOf(target, model) ?? []);
  if (images.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const image of images) {
    const bytes = await readReference(image);
    hash.update(createHash('sha256').update(bytes).digest());
  }
  return hash.digest('hex');
}

/**
 * The targets with each image of `similar:<image>` embedded, once for the whole run.
 *
 * @param embed what the model gives for a prepared image, which is handed over.
 *
 * @throws RunError `data` for an embedding of nothing but zeros; GradcamError `image` for a file that is none.
 */
export async function embedTargets(
  targets: readonly TargetChoice[],
  model: ModelDescription,
  embed: (input: PreparedInput) => Promise<Float32Array>,
  window: readonly [from: number, to: number] | undefined,
): Promise<readonly TargetChoice[]> {
  const read = createImageReader(undefined, model.input, window);
  const embedded: TargetChoice[] = [];
  for (const target of targets) {
    const name = referenceOf(target, model);
    if (name === null) {
      embedded.push(target);
      continue;
    }
    const image = await read(name);
    try {
      const embedding = await embed(image.prepare());
      if (!embedding.some((value) => value !== 0)) {
        throw new RunError(
          'data',
          `--target similar:${name}: the model's embedding of it is zero, and has no angle to another`,
        );
      }
      embedded.push({ kind: 'similar', name, embedding });
    } finally {
      image.release();
    }
  }
  return embedded;
}
