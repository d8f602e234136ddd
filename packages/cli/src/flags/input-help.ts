/** Of `--explain-input`, which several commands share. */
export const explainInputHelp =
  'input that takes the picture, for a model with several; default: the first picture input without --input';

/** Of `--crop`. */
export const cropHelp =
  'share of the picture to keep, such as 0.875: of the short side with --fit crop, of both sides with squash';
