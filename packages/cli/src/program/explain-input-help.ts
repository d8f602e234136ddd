/** Of `--explain-input`, which several commands share. */
export const explainInputHelp =
  'of several inputs the one that takes the picture; default the first that is a picture and not given';
