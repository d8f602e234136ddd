import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { LayerRecord } from './keras-topology.ts';

const wholeNumbers = 'it turns its input into integers, which have no gradient';
const texts = 'it works on strings; only models of images are supported';
const sound = 'it works on sound; only models of images are supported';
const ofAnother = 'it holds a model of another program, which only that program can run';
const alongSteps =
  'it slides along steps, which is not supported; a 2D layer over a single column computes the same';
const ownKernels = 'it has a separate kernel for each position, which is not supported';
const recurrent = 'it is recurrent in a way that is not supported';
const windows =
  'its windows slide along steps, which is not supported; a 2D layer over a single column computes the same';

const histogram = 'it changes each image by its own histogram, which is not supported';

/** Classes of Keras that the op set cannot express, each with the reason. */
const missing: Readonly<Record<string, string>> = {
  AdaptiveAveragePooling1D: windows,
  AdaptiveMaxPooling1D: windows,
  AutoContrast:
    'it stretches each image by its own darkest and lightest value, which is not supported',
  CategoryEncoding: wholeNumbers,
  ContrastLimitedAdaptiveHistogramEqualization: histogram,
  Conv1DTranspose: alongSteps,
  ConvLSTM1D: recurrent,
  CuDNNGRU: `${recurrent}; save it as GRU`,
  CuDNNLSTM: `${recurrent}; save it as LSTM`,
  DepthwiseConv1D: alongSteps,
  Discretization: wholeNumbers,
  Equalization: histogram,
  FlaxLayer: ofAnother,
  HashedCrossing: wholeNumbers,
  Hashing: wholeNumbers,
  IntegerLookup: wholeNumbers,
  JaxLayer: ofAnother,
  Lambda:
    'it holds Python code, which only Python can run; write the function as layers (Rescaling, Normalization, Resizing, ..) and save the model again',
  LocallyConnected1D: ownKernels,
  LocallyConnected2D: ownKernels,
  MelSpectrogram: sound,
  Pipeline:
    'it contains other layers, which is not supported; save them as layers of the model itself',
  RandomFourierFeatures: 'it computes random features, which is not supported',
  ReversibleEmbedding: 'it looks up rows of a table by their index, which has no gradient',
  STFTSpectrogram: sound,
  SeparableConv1D: alongSteps,
  SpectralNormalization:
    'it wraps another layer, which is not supported; save the wrapped layer, whose kernel it has already normalised',
  StringLookup: texts,
  TFSMLayer: ofAnother,
  TextVectorization: texts,
  TorchModuleWrapper: ofAnother,
};

/** Makes the error for a layer of an unsupported class: one line with the reason or the next step. */
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
    `layer ${name} is of class ${className}, which is not supported${nearest === undefined ? '' : ` (the nearest supported class is ${nearest})`}; ${next}`,
  );
}

/**
 * Refuses a layer that works on three axes, such as the axes of a volume or a film.
 *
 * @throws GradcamError `unsupported` naming the layer.
 */
export function refuseVolume({ className }: LayerRecord, name: string): void {
  if (!/3D(Transpose)?$/.test(className)) return;
  throw new GradcamError(
    'unsupported',
    `layer ${name} (${className}) works on a volume or a film, which has three axes; only models of images, with two axes, are supported`,
  );
}
