import type { DecodedImage, LiveExplanation } from '../worker/protocol.ts';
import { explainedImage, type ImageState, type LiveState } from './live-state.ts';

/** An image and its map, which is null until it is computed. */
export interface StagePicture {
  readonly name: string;
  readonly decoded: DecodedImage;
  readonly shown: LiveExplanation | null;
}

/** The picture that the stage shows. It is also the one that is saved and described. */
export interface LookedAt {
  readonly picture: StagePicture;
  /** A picture whose map is subtracted from the first one's; null where one picture is shown alone. */
  readonly subtracted: StagePicture | null;
  /** How this picture differs from the image as it was given, for the names of files; null if it does not. */
  readonly kind: 'edited' | 'unedited' | 'difference' | null;
  /** Whether there are maps of the edited and of the unedited image. */
  readonly isCompared: boolean;
}

/** What the colours of a difference mean. */
export const differenceMeaning =
  'red where the edited image’s map is larger, blue where the unedited image’s is';

/** Finds the picture that the reader looks at: the image, or after an edit the one that was chosen. */
export function findLookedAt(
  state: LiveState,
  image: Extract<ImageState, { kind: 'ready' }>,
): LookedAt {
  const { editing, explanation } = state;
  const { name } = image.source;
  const { decoded } = image;
  if (editing.edits.length === 0) {
    const picture = { name, decoded, shown: explanation.shown };
    return { picture, subtracted: null, kind: null, isCompared: false };
  }
  const given = { name: `${name}, unedited`, decoded, shown: explanation.unedited };
  const edited = {
    name: `${name}, edited`,
    // Until the worker has applied the last edit, the image is shown without edits.
    decoded: explainedImage(state) ?? decoded,
    shown: explanation.shown,
  };
  const isCompared = edited.shown !== null && given.shown !== null;
  if (editing.view === 'given') {
    return { picture: given, subtracted: null, kind: 'unedited', isCompared };
  }
  const isDifference = isCompared && editing.view === 'difference';
  return {
    picture: edited,
    subtracted: isDifference ? given : null,
    kind: isDifference ? 'difference' : 'edited',
    isCompared,
  };
}
