/**
 * Chooses where the pictures for a place come from.
 *
 * @param width width of the place, in physical pixels.
 * @returns the base of the pictures' addresses.
 */
export type PictureSource = (width: number) => string;

/**
 * Chooses the smallest versions that are sharp at their width, or else the largest.
 *
 * @param base the address of the run itself, for a server without small versions.
 * @param sides longest sides of the versions, ascending.
 */
export function choosePictureSource(base: string, sides: readonly number[]): PictureSource {
  return (width) => {
    const side = sides.find((one) => one >= width) ?? sides.at(-1);
    return side === undefined ? base : `./thumbnails/${side}/`;
  };
}
