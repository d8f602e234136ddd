import { digestInName, TORCHVISION_WEIGHTS, torchvisionUrl } from './torchvision-weights.ts';
import { MOBILENET_SIZES, MOBILENET_WIDTHS } from '../architectures/mobilenet-v1.ts';

/**
 * The addresses of published weights. Sizes and checksums are given where the publisher states them, or the
 * community for files that have long been without a home. For the others, the checksum of the first
 * download is kept in the cache.
 */
export interface PublishedModel {
  /** Id of the model, and of its architecture unless that is stated. */
  readonly id: string;
  /** Id of the net of PyTorch. */
  readonly architecture?: string;
  /** Name in the cache. */
  readonly fileName: string;
  /** Addresses of the same bytes, tried in this order. */
  readonly urls: readonly string[];
  /** The exact size in bytes, if it is known. */
  readonly byteLength?: number;
  /** The approximate size, for a message before any server is asked. */
  readonly approximateBytes: number;
  readonly sha1?: string;
  readonly sha256?: string;
  /** The first digits of the sha256, where no more are published. */
  readonly sha256Prefix?: string;
  /** Weights of the same net in another form, which are used if no address responds. */
  readonly fallback?: string;
  /** Pages from which a person, but no program, can download the file. */
  readonly manual?: readonly string[];
  readonly licence: string;
}

/** Weights of this repository's demo nets, relative to `demo/weights`. */
export interface DemoModel {
  readonly id: string;
  readonly fileName: string;
}

const SLIM_LICENCE = 'Apache-2.0 (TensorFlow models)';
const MIB = 1024 * 1024;

/** TF-slim's bucket under both of its names. Only the first is served with encryption. */
function listSlimUrls(path: string): string[] {
  return [
    `https://storage.googleapis.com/download.tensorflow.org/models/${path}`,
    `http://download.tensorflow.org/models/${path}`,
  ];
}

function describeSlimArchive(id: string, date: string, mebibytes: number): PublishedModel {
  const fileName = `${id}_${date}.tar.gz`;
  return {
    id,
    fileName,
    urls: listSlimUrls(fileName),
    approximateBytes: mebibytes * MIB,
    licence: SLIM_LICENCE,
  };
}

/** A `.tgz` that contains a V2 checkpoint, and graphs and mobile formats that together are as large again. */
function describeMobileNetArchive(id: string, width: string): PublishedModel {
  return {
    id,
    fileName: `${id}.tgz`,
    urls: listSlimUrls(`mobilenet_v1_2018_02_22/${id}.tgz`),
    approximateBytes: Math.round((5 + 60 * Number(width)) * MIB),
    licence: SLIM_LICENCE,
  };
}

/** All published weights that can be downloaded. */
export const PUBLISHED_MODELS: readonly PublishedModel[] = [
  {
    id: 'vgg16',
    fileName: 'vgg16.npy',
    urls: ['https://www.dropbox.com/s/zpeufcwesimhvua/vgg16.npy?dl=1'],
    approximateBytes: 528 * MIB,
    // Stated by the author of tensorflow-vgg in its issue 62.
    sha1: '6206897b35c2bfe5d9d16b83314e44fc3ea83b1c',
    fallback: 'vgg_16',
    manual: [
      'https://github.com/machrisaa/tensorflow-vgg (link to mega.nz in its README)',
      'ftp://mi.eng.cam.ac.uk/pub/mttt2/models/vgg16.npy',
    ],
    licence: 'CC-BY-4.0 (VGG team), converted by tensorflow-vgg',
  },
  {
    id: 'vgg19',
    fileName: 'vgg19.npy',
    urls: [
      'https://media.githubusercontent.com/media/tensorlayer/pretrained-models/master/models/vgg19.npy',
      'https://www.dropbox.com/s/e1v93adr4igwuct/vgg19.npy?dl=1',
    ],
    byteLength: 574_670_860,
    approximateBytes: 574_670_860,
    fallback: 'vgg_19',
    manual: ['https://github.com/machrisaa/tensorflow-vgg (link to mega.nz in its README)'],
    licence: 'CC-BY-4.0 (VGG team), converted by tensorflow-vgg',
  },
  describeSlimArchive('vgg_16', '2016_08_28', 490),
  describeSlimArchive('vgg_19', '2016_08_28', 509),
  describeSlimArchive('resnet_v1_50', '2016_08_28', 91),
  describeSlimArchive('resnet_v1_101', '2016_08_28', 158),
  describeSlimArchive('resnet_v1_152', '2016_08_28', 214),
  describeSlimArchive('resnet_v2_50', '2017_04_14', 91),
  describeSlimArchive('resnet_v2_101', '2017_04_14', 158),
  describeSlimArchive('resnet_v2_152', '2017_04_14', 214),
  ...MOBILENET_WIDTHS.flatMap((width) =>
    MOBILENET_SIZES.map((size) => describeMobileNetArchive(`mobilenet_v1_${width}_${size}`, width)),
  ),
  ...TORCHVISION_WEIGHTS.map(({ id, net, fileName, approximateBytes }): PublishedModel => {
    const sha256Prefix = digestInName(fileName);
    return {
      id,
      architecture: net,
      fileName,
      urls: [torchvisionUrl(fileName)],
      approximateBytes,
      ...(sha256Prefix !== undefined && { sha256Prefix }),
      licence: 'BSD-3-Clause (torchvision)',
    };
  }),
];

/** The nets that are available without a network connection. */
export const DEMO_MODELS: readonly DemoModel[] = [
  { id: 'demo-resnet', fileName: 'demo-resnet.tar.gz' },
  { id: 'demo-vgg', fileName: 'demo-vgg.npy' },
];

/** The models that are fetched if none is named: the nets of the two classic Grad-CAM demos. */
export const DEFAULT_MODELS = ['vgg16', 'resnet_v1_50', 'resnet_v1_101'] as const;
