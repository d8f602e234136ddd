/** Of `--explain-input`, which several commands share. */
export const explainInputHelp =
  'of several inputs the one that takes the picture; default the first that is a picture and not given';

/** Of `--crop`. */
export const cropHelp =
  'share that is kept: with crop of the short side, with squash of both sides after it; as 0.875';
