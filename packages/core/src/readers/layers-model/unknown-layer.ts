import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { LayerRecord } from './keras-topology.ts';

const wholeNumbers = 'it makes whole numbers of its input, which have no gradient';
const texts = 'it works on texts; models of pictures are explained here';
const sound = 'it works on sound; models of pictures are explained here';
const ofAnother = 'it holds a model of another program, which nothing but that can run';
const alongSteps =
  'it slides along steps, which is not known here; a 2D layer over one column is the same';
const ownKernels = 'it has a kernel of its own for each place, which is not known here';
const recurrent = 'it is recurrent in a way that is not known here';
const windows =
  'its windows go along steps, which is not known here; a 2D layer over one column is the same';

const histogram = 'it changes each picture by its own histogram, which is not known here';

/** Classes of Keras that the op set cannot express, each with the reason. */
const missing: Readonly<Record<string, string>> = {
  AdaptiveAveragePooling1D: windows,
  AdaptiveMaxPooling1D: windows,
  AutoContrast:
    'it stretches each picture by its own darkest and lightest value, which is not known here',
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
    'it holds Python code, which nothing but Python can run; write the function as layers (Rescaling, Normalization, Resizing, ..) and save the model again',
  LocallyConnected1D: ownKernels,
  LocallyConnected2D: ownKernels,
  MelSpectrogram: sound,
  Pipeline: 'it holds layers of its own, which are not read here; save them as the model’s',
  RandomFourierFeatures: 'it has random features, which are not known here',
  ReversibleEmbedding: 'it looks rows of a table up by number, which has no gradient',
  STFTSpectrogram: sound,
  SeparableConv1D: alongSteps,
  SpectralNormalization:
    'it wraps a layer, which is not read here; save that layer itself, whose kernel it has set',
  StringLookup: texts,
  TFSMLayer: ofAnother,
  TextVectorization: texts,
  TorchModuleWrapper: ofAnother,
};

/** The error for a layer of an unknown class, in one line with the reason or the next step. */
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

/**
 * Refuses a layer over three axes, which is for volumes or films.
 *
 * @throws GradcamError `unsupported` naming the layer.
 */
export function refuseVolume({ className }: LayerRecord, name: string): void {
  if (!/3D(Transpose)?$/.test(className)) return;
  throw new GradcamError(
    'unsupported',
    `layer ${name} (${className}) works on a volume or a film, over three axes; models of pictures are explained here, over two`,
  );
}
