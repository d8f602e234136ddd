import { GradcamError } from '../../base/errors.ts';
import { mainHead, type GraphNode, type Network } from '../../network/network.ts';
import { parseLabels } from '../labels/labels.ts';
import { flag, has, own, side, type Json } from './json-fields.ts';
import type { Sidecar } from './sidecar.ts';

/** The size of the first exports of Teachable Machine, which do not state it. */
const FIRST_SIZE = 224;

/**
 * Whether a `metadata.json` belongs to an image model of Teachable Machine. Its sound and pose models
 * name another package.
 */
export function isTeachableMachine(json: Json): boolean {
  const name = own(json, 'packageName');
  if (typeof name === 'string') return /teachablemachine\/image/i.test(name);
  return Array.isArray(own(json, 'labels')) && has(json, 'tfjsVersion');
}

/**
 * Refuses the two other kinds of models of Teachable Machine by their `metadata.json`: those of sounds, whose
 * input is a spectrogram that looks like a gray picture by its shape, and those of poses.
 *
 * @throws GradcamError `unsupported` for such a model.
 */
export function refuseOtherKinds(file: string, json: Json): void {
  const name = own(json, 'packageName');
  const says = (kind: RegExp): boolean => typeof name === 'string' && kind.test(name);
  const isSound =
    has(json, 'tfjsSpeechCommandsVersion') ||
    Array.isArray(own(json, 'wordLabels')) ||
    says(/teachablemachine\/audio/i);
  const isPose = says(/teachablemachine\/pose/i);
  if (!isSound && !isPose) return;
  const what = isSound
    ? 'sounds (speech-commands), whose input is a spectrogram'
    : 'poses, whose input are numbers that PoseNet computes of a picture';
  throw new GradcamError(
    'unsupported',
    `${file} says that this is a model of ${what}; only models of images are explained: export an image project of Teachable Machine`,
  );
}

/**
 * Reads `metadata.json` of Teachable Machine. Its library takes the square in the middle of a picture
 * and makes pixels `p / 127 - 1`. The divisor is 127, so white becomes 1.008.
 *
 * @see https://github.com/googlecreativelab/teachablemachine-community, libraries/image/src/utils/tf.ts
 * @throws GradcamError `model` or `argument` for invalid fields.
 */
export function readTeachableMachine(file: string, json: Json): Sidecar {
  const size = has(json, 'imageSize') ? side(own(json, 'imageSize'), 'imageSize') : FIRST_SIZE;
  return {
    file,
    classNames: parseLabels(JSON.stringify(own(json, 'labels') ?? [])),
    input: {
      size: [size, size],
      pixels: { scale: 1 / 127, mean: [1], std: [1] },
      channelOrder: flag(json, 'grayscale', false) ? 'gray' : 'rgb',
      fit: { fit: 'crop', cropFraction: 1 },
    },
  };
}

/**
 * Whether a network without a `metadata.json` is one that Teachable Machine has trained, such as its export
 * for Keras: MobileNetV2 up to `out_relu`, then a pooling and two dense layers with the names that tfjs gives
 * them, the last one without a bias. The names are compared without the models around the layers.
 */
export function looksLikeTeachableMachine(network: Network): boolean {
  const nodes = new Map(network.nodes.map((node) => [node.name, node]));
  const before = ({ inputs }: GraphNode): GraphNode | undefined =>
    inputs.length === 1 ? nodes.get(inputs[0]!) : undefined;
  let at = nodes.get(mainHead(network).probabilities ?? '');
  for (const { kind, name, hasBias } of ENDING) {
    const isThat =
      at?.op.kind === kind &&
      name.test(at.name) &&
      (hasBias === undefined || 'bias' in at.weights === hasBias);
    if (!isThat) return false;
    at = before(at!);
  }
  return network.nodes.some(({ op, name }) => op.kind === 'conv2d' && /(^|\/)Conv1$/.test(name));
}

/** The last nodes of such a network, the last one first. */
const ENDING: readonly {
  readonly kind: GraphNode['op']['kind'];
  readonly name: RegExp;
  readonly hasBias?: boolean;
}[] = [
  { kind: 'softmax', name: /(^|\/)dense_Dense\d+$/ },
  { kind: 'dense', name: /(^|\/)dense_Dense\d+\/linear$/, hasBias: false },
  { kind: 'relu', name: /(^|\/)dense_Dense\d+$/ },
  { kind: 'dense', name: /(^|\/)dense_Dense\d+\/linear$/, hasBias: true },
  { kind: 'globalAveragePool', name: /(^|\/)global_average_pooling2d_GlobalAveragePooling2D\d+$/ },
  { kind: 'relu', name: /(^|\/)out_relu$/ },
];
