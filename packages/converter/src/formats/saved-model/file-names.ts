/** The names of the files of a SavedModel, which TensorFlow fixes. */
export const SAVED_MODEL_FILES = {
  graph: 'saved_model.pb',
  /** The folder of the variables, and the beginning of the names of the files in it. */
  variables: 'variables',
} as const;
