/** Keras up to 2, Keras from 3, or tfjs-layers itself. */
export type ModelWriter = 'keras2' | 'keras3' | 'tfjs';
