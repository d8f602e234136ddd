import { GradcamError } from '../errors.ts';
import { nearestNames } from '../targets/nearest-names.ts';
import type { LayerRecord } from './keras-topology.ts';

/** Classes of Keras that the op set cannot say, and what of them is missing. */
const missing: Readonly<Record<string, string>> = {
  AdditiveAttention: 'it multiplies two values as matrices, which is not known here',
  Attention: 'it multiplies two values as matrices, which is not known here',
  GroupQueryAttention: 'it multiplies two values as matrices, which is not known here',
  Lambda:
    'it holds Python code, which nothing but Python can run; write the function as layers (Rescaling, Normalization, Resizing, ..) and save the model again',
  MultiHeadAttention:
    'it multiplies two values as matrices and weighs several axes at once, which is not known here',
  Dot: 'it multiplies two values as matrices, which is known for the engine of @gradcam/core/layers only',
};

/** Why a layer of a class that nobody knows cannot be read, in one line. */
export function explainUnknownLayer(
  { className }: LayerRecord,
  name: string,
  known: readonly string[],
  hasLibrary: boolean,
): GradcamError {
  const reason = Object.hasOwn(missing, className) ? missing[className] : undefined;
  if (reason !== undefined) {
    return new GradcamError('unsupported', `layer ${name} (${className}): ${reason}`);
  }
  const nearest = nearestNames(className, known, 1)[0];
  const next = hasLibrary
    ? 'a layer of your own must be registered with tf.serialization.registerClass'
    : 'recurrent and registered layers run with the engine of @gradcam/core/layers';
  return new GradcamError(
    'unsupported',
    `layer ${name} is of class ${className}, which is not known here${nearest === undefined ? '' : ` (nearest known: ${nearest})`}; ${next}`,
  );
}

/** @throws GradcamError `unsupported` for a layer over three axes: those of a scan or a film. */
export function refuseVolume({ className }: LayerRecord, name: string): void {
  if (!/3D(Transpose)?$/.test(className)) return;
  throw new GradcamError(
    'unsupported',
    `layer ${name} (${className}) works on a volume or a film, over three axes; models of pictures are explained here, over two`,
  );
}
