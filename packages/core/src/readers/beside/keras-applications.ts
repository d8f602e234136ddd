import { findNode, type GraphNode, type Network } from '../../network/network.ts';
import { isPicture } from '../../network/select-input.ts';

/** How `preprocess_input` of a net of keras.applications prepares pixels: its modes `tf` and `caffe`. */
export type Preparation = 'tf' | 'caffe';

/** A net of keras.applications whose pictures its own `preprocess_input` prepares. */
export interface KerasApplication {
  readonly title: string;
  readonly preparation: Preparation;
  /**
   * Whether it is only the first layer of a model of somebody's own. Such models are often trained with
   * pixels from 0 to 1, whatever their base was trained with.
   */
  readonly isBase: boolean;
}

interface Evidence extends Omit<KerasApplication, 'isBase'> {
  /** The name that the library gives the model. */
  readonly name: RegExp;
  /** Layers that only this net has together. */
  readonly layers: readonly string[];
}

/** Names of models and layers as Keras 3.15 writes them. */
const APPLICATIONS: readonly Evidence[] = [
  {
    title: 'MobileNet',
    preparation: 'tf',
    // tfjs hosts these nets with `_tf` after the name.
    name: /^mobilenet_\d\.\d\d_\d+(_tf)?$/,
    layers: ['conv1', 'conv1_bn', 'conv_dw_1', 'conv_pw_13_relu'],
  },
  {
    title: 'MobileNetV2',
    preparation: 'tf',
    name: /^mobilenetv2_\d\.\d\d_\d+$/,
    layers: ['Conv1', 'bn_Conv1', 'expanded_conv_depthwise', 'block_16_project', 'out_relu'],
  },
  {
    title: 'InceptionV3',
    preparation: 'tf',
    name: /^inception_v3$/,
    layers: ['mixed0', 'mixed5', 'mixed10'],
  },
  {
    title: 'InceptionResNetV2',
    preparation: 'tf',
    name: /^inception_resnet_v2$/,
    layers: ['mixed_5b', 'mixed_6a', 'mixed_7a', 'conv_7b'],
  },
  {
    title: 'Xception',
    preparation: 'tf',
    name: /^xception$/,
    layers: ['block1_conv1', 'block2_sepconv1', 'block14_sepconv2_act'],
  },
  {
    title: 'NASNet',
    preparation: 'tf',
    name: /^nasnet_(mobile|large)$/,
    layers: ['stem_conv1', 'stem_bn1', 'normal_concat_12'],
  },
  {
    title: 'ResNetV2',
    preparation: 'tf',
    name: /^resnet(50|101|152)v2$/,
    layers: ['conv1_conv', 'conv2_block1_preact_bn', 'post_relu'],
  },
  {
    title: 'ResNet',
    preparation: 'caffe',
    name: /^resnet(50|101|152)$/,
    layers: ['conv1_conv', 'conv2_block1_1_conv', 'conv5_block3_out'],
  },
  {
    title: 'VGG',
    preparation: 'caffe',
    name: /^vgg(16|19)$/,
    layers: ['block1_conv1', 'block1_conv2', 'block5_conv3', 'block5_pool'],
  },
];

/**
 * The net of keras.applications that a network is, or that it begins with. The name of the model and the
 * names of its layers must both say so, and nothing but a padding may stand before its first layer, because a
 * layer there may prepare the pixels.
 */
export function findApplication(network: Network): KerasApplication | null {
  const first = firstLayer(network);
  if (first === null) return null;
  const around = first.split('/').slice(0, -1);
  const name = around.at(-1) ?? network.name;
  const prefix = around.map((one) => `${one}/`).join('');
  const isThat = (one: Evidence): boolean =>
    one.name.test(name) && one.layers.every((layer) => network.layers.has(prefix + layer));
  const found = APPLICATIONS.find(isThat);
  return found === undefined ? null : { ...found, isBase: around.length > 0 };
}

/** The layer of the first convolution, if nothing but a padding stands before it. */
function firstLayer(network: Network): string | null {
  const input = network.inputs.find((name) => isPicture(network, name));
  const usersOf = (name: string): readonly GraphNode[] =>
    network.nodes.filter(({ inputs }) => inputs.includes(name));
  let at = input === undefined ? undefined : findNode(network, input);
  while (at !== undefined) {
    const users = usersOf(at.name);
    at = users.length === 1 ? users[0] : undefined;
    if (at?.op.kind === 'conv2d') break;
    if (at?.op.kind !== 'pad') return null;
  }
  // A layer with an activation of its own has the name of the activation's node.
  return at?.name.replace(/\/linear$/, '') ?? null;
}

/** Caffe's mean colour of ImageNet, for pixels from 0 to 255. */
const CAFFE_MEAN = { bgr: [103.939, 116.779, 123.68], rgb: [123.68, 116.779, 103.939] };

/** How pixels become numbers for a net prepared in the mode `caffe`, in this order of the channels. */
export function caffePixels(order: 'rgb' | 'bgr') {
  return { scale: 1, mean: CAFFE_MEAN[order], std: [1, 1, 1] };
}

/** The line that says what is assumed, and with which flags it is stated otherwise. */
export function sayApplication({ title, preparation, isBase }: KerasApplication): string {
  if (isBase) {
    const own =
      preparation === 'tf'
        ? '--input-range=-1..1 is'
        : `--mean=${CAFFE_MEAN.bgr.join()} with --channels bgr are`;
    return `pixels are scaled to 0..1 (state it with --input-range, --mean, --std); ${own} right if the model was trained with the preprocess_input of ${title} in keras.applications, on which it is built`;
  }
  const why = `as keras.applications prepares pictures for ${title}, whose name and layers the model has`;
  return preparation === 'tf'
    ? `pixels are scaled to -1..1, ${why} (--input-range changes it)`
    : `pixels are 0..255 less Caffe's mean colour, ${why} (--input-range, --mean and --channels change it)`;
}
