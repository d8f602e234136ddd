import type { ZipMember } from '../zip/central-directory.ts';

/** The members of a `.keras` archive. */
export const KERAS_MEMBERS = {
  config: 'config.json',
  metadata: 'metadata.json',
  weights: 'model.weights.h5',
};

/** Whether a zip is an archive of Keras 3, by its members. */
export function isKerasArchive(members: readonly ZipMember[]): boolean {
  const names = new Set(members.map(({ name }) => name));
  return names.has(KERAS_MEMBERS.config) && names.has(KERAS_MEMBERS.weights);
}
