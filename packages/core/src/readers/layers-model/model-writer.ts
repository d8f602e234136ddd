/** The program that wrote a model: Keras 1 or 2, Keras 3, or tfjs-layers. */
export type ModelWriter = 'keras2' | 'keras3' | 'tfjs';
