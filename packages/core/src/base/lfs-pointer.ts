import { GradcamError } from './errors.ts';

/** How every pointer of Git LFS begins, by its specification. */
const HEAD = new TextEncoder().encode('version https://git-lfs.github.com/spec/');

/**
 * Refuses the small text file that Git puts in the place of a large file which Git LFS keeps, where the large
 * file was not fetched.
 *
 * @param bytes the file, or its beginning.
 * @throws GradcamError `model` for such a file.
 */
export function refuseLfsPointer(bytes: Uint8Array, name: string): void {
  if (!HEAD.every((byte, place) => bytes[place] === byte)) return;
  throw new GradcamError(
    'model',
    `${name} is a pointer of Git LFS, which stands for the file itself; get the file with: git lfs pull`,
  );
}
