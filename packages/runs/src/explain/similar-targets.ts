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

/**
 * The path in `similar:<image>`; null for any other target, and where a class of the model is called
 * `similar`.
 */
export function referenceOf(
  target: TargetChoice,
  { classNames }: Pick<ModelDescription, 'classNames'>,
): string | null {
  const [, image] = (typeof target === 'string' && /^\s*similar:\s*(.+?)\s*$/is.exec(target)) || [];
  const isClass = classNames.labels.some((label) => label.toLowerCase() === 'similar');
  return image === undefined || isClass ? null : image;
}

/**
 * Checks, before anything is written, that the model's output can be compared with the output for another
 * image. The check uses an embedding of ones.
 *
 * @throws GradcamError `argument` where the output is not an embedding.
 */
export function checkSimilar(name: string, model: ModelDescription): void {
  const head = mainHead(model.network);
  const embedding = new Float32Array(head.classes).fill(1);
  readTarget({ kind: 'similar', name, embedding }, model.classNames, head);
}

/**
 * Hex sha256 over the sha256 of each image that the targets name, in order; undefined where no target names
 * one.
 *
 * @throws RunError `not-found` for an image that does not exist, `data` for a file that is not an image.
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
 * The targets, with the image of each `similar:<image>` replaced by its embedding, computed once for the
 * whole run.
 *
 * @param embed returns the model's output for a prepared image, which is handed over.
 * @throws RunError `data` where an embedding is all zeros; GradcamError `image` for a file that is not an
 *   image.
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
          `--target similar:${name}: expected an embedding that is not zero, found all zeros, which have no angle to another; choose another image`,
        );
      }
      embedded.push({ kind: 'similar', name, embedding });
    } finally {
      image.release();
    }
  }
  return embedded;
}
