import { GradcamError } from '../base/errors.ts';

/** Loads the optional peer `sharp`. @throws GradcamError `engine` where it is not installed. */
export async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new GradcamError(
      'engine',
      'image files need the package sharp, which is not installed; run: npm install sharp@0.35.5',
      { cause },
    );
  }
}
