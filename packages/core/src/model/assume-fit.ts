import type { InputDescription } from '../artifact/artifact.ts';

/** How pictures are placed where nothing states it, and the line that says so. */
export interface AssumedFit {
  readonly placed: Pick<InputDescription, 'fit' | 'pad'>;
  readonly line: string;
}

/** The colour of bars that nobody states: the middle of the range. */
const MIDDLE = [127.5, 127.5, 127.5];

/** The colour of the bars that YOLOX's own program puts around a picture. */
const YOLOX_GRAY = [114, 114, 114];

/** The line about the pixels of YOLOX. */
export const YOLOX_PIXELS =
  "pixels go in as 0..255, as YOLOX's own program gives them since version 0.1.1 (--input-range changes it; for older weights --input-range 0..1 --channels rgb --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225)";

/**
 * @param resizes whether the model takes pictures of any size and resizes them itself.
 * @param isYolox whether it is a YOLOX, whose boxes no other preparation fits.
 */
export function assumeFit(resizes: boolean, isYolox: boolean, size: string): AssumedFit {
  if (isYolox) {
    return {
      placed: { fit: 'letterbox', pad: YOLOX_GRAY },
      line: 'images are letterboxed on gray 114, as YOLOX takes them (state it with --fit)',
    };
  }
  if (resizes) {
    return {
      placed: { fit: 'squash', pad: MIDDLE },
      line: `pictures are squashed to ${size}, since the model resizes whole pictures so (state it with --fit)`,
    };
  }
  return {
    placed: { fit: 'crop', pad: MIDDLE },
    line: 'images are cropped to the centre (state it with --fit)',
  };
}
