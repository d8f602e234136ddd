/**
 * Says from where pictures for a place come.
 *
 * @param width of the place, in pixels of the screen.
 * @returns the base of the pictures' addresses.
 */
export type PictureSource = (width: number) => string;

/**
 * The smallest versions that are sharp in their place, else the largest.
 *
 * @param base of the run itself, where there are no small versions.
 * @param sides longest sides of the versions, ascending.
 */
export function choosePictureSource(base: string, sides: readonly number[]): PictureSource {
  return (width) => {
    const side = sides.find((one) => one >= width) ?? sides.at(-1);
    return side === undefined ? base : `./thumbnails/${side}/`;
  };
}
