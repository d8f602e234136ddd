import type { TorchInput } from '../architectures/torch/family.ts';

/** Weights that torchvision publishes. */
export interface TorchvisionWeights {
  /** The net and the version of its weights, such as `resnet50.v2`. */
  readonly id: string;
  /** Id of the net. */
  readonly net: string;
  /** The file on download.pytorch.org. Its name has the first eight digits of its sha256. */
  readonly fileName: string;
  /** Size of the file in bytes, approximately. */
  readonly approximateBytes: number;
  /** How pictures are prepared for these weights. */
  readonly input: TorchInput;
}

const MIB = 1024 * 1024;

/** Published weights: net, version, file, size in MiB, side after resizing, side of the crop, filter. */
const ROWS: readonly (readonly [
  net: string,
  version: string,
  file: string,
  mebibytes: number,
  resize: number,
  crop: number,
  filter?: TorchInput['filter'],
])[] = [
  ['resnet18', 'v1', 'resnet18-f37072fd.pth', 45, 256, 224],
  ['resnet34', 'v1', 'resnet34-b627a593.pth', 83, 256, 224],
  ['resnet50', 'v1', 'resnet50-0676ba61.pth', 98, 256, 224],
  ['resnet50', 'v2', 'resnet50-11ad3fa6.pth', 98, 232, 224],
  ['resnet101', 'v1', 'resnet101-63fe2227.pth', 171, 256, 224],
  ['resnet101', 'v2', 'resnet101-cd907fc2.pth', 171, 232, 224],
  ['resnet152', 'v1', 'resnet152-394f9c45.pth', 230, 256, 224],
  ['resnet152', 'v2', 'resnet152-f82ba261.pth', 230, 232, 224],
  ['resnext50_32x4d', 'v1', 'resnext50_32x4d-7cdf4587.pth', 96, 256, 224],
  ['resnext50_32x4d', 'v2', 'resnext50_32x4d-1a0047aa.pth', 96, 232, 224],
  ['resnext101_32x8d', 'v1', 'resnext101_32x8d-8ba56ff5.pth', 340, 256, 224],
  ['resnext101_32x8d', 'v2', 'resnext101_32x8d-110c445d.pth', 340, 232, 224],
  ['resnext101_64x4d', 'v1', 'resnext101_64x4d-173b62eb.pth', 319, 232, 224],
  ['wide_resnet50_2', 'v1', 'wide_resnet50_2-95faca4d.pth', 132, 256, 224],
  ['wide_resnet50_2', 'v2', 'wide_resnet50_2-9ba9bcbe.pth', 263, 232, 224],
  ['wide_resnet101_2', 'v1', 'wide_resnet101_2-32ee1156.pth', 243, 256, 224],
  ['wide_resnet101_2', 'v2', 'wide_resnet101_2-d733dc28.pth', 485, 232, 224],
  ['vgg11', 'v1', 'vgg11-8a719046.pth', 507, 256, 224],
  ['vgg13', 'v1', 'vgg13-19584684.pth', 508, 256, 224],
  ['vgg16', 'v1', 'vgg16-397923af.pth', 528, 256, 224],
  ['vgg19', 'v1', 'vgg19-dcbb9e9d.pth', 548, 256, 224],
  ['vgg11_bn', 'v1', 'vgg11_bn-6002323d.pth', 507, 256, 224],
  ['vgg13_bn', 'v1', 'vgg13_bn-abd245e5.pth', 508, 256, 224],
  ['vgg16_bn', 'v1', 'vgg16_bn-6c64b313.pth', 528, 256, 224],
  ['vgg19_bn', 'v1', 'vgg19_bn-c79401a0.pth', 548, 256, 224],
  ['mobilenet_v2', 'v1', 'mobilenet_v2-b0353104.pth', 14, 256, 224],
  ['mobilenet_v2', 'v2', 'mobilenet_v2-7ebf99e0.pth', 14, 232, 224],
  ['densenet121', 'v1', 'densenet121-a639ec97.pth', 31, 256, 224],
  ['densenet161', 'v1', 'densenet161-8d451a50.pth', 110, 256, 224],
  ['densenet169', 'v1', 'densenet169-b2777c0a.pth', 55, 256, 224],
  ['densenet201', 'v1', 'densenet201-c1103571.pth', 77, 256, 224],
  ['squeezenet1_0', 'v1', 'squeezenet1_0-b66bff10.pth', 5, 256, 224],
  ['squeezenet1_1', 'v1', 'squeezenet1_1-b8a52dc0.pth', 5, 256, 224],
  ['efficientnet_b0', 'v1', 'efficientnet_b0_rwightman-7f5810bc.pth', 20, 256, 224, 'bicubic'],
  ['efficientnet_b1', 'v1', 'efficientnet_b1_rwightman-bac287d4.pth', 30, 256, 240, 'bicubic'],
  ['efficientnet_b1', 'v2', 'efficientnet_b1-c27df63c.pth', 30, 255, 240],
  ['efficientnet_b2', 'v1', 'efficientnet_b2_rwightman-c35c1473.pth', 35, 288, 288, 'bicubic'],
  ['efficientnet_b3', 'v1', 'efficientnet_b3_rwightman-b3899882.pth', 47, 320, 300, 'bicubic'],
  ['efficientnet_b4', 'v1', 'efficientnet_b4_rwightman-23ab8bcd.pth', 74, 384, 380, 'bicubic'],
  ['convnext_tiny', 'v1', 'convnext_tiny-983f1562.pth', 109, 236, 224],
  ['convnext_small', 'v1', 'convnext_small-0c510722.pth', 192, 230, 224],
  ['convnext_base', 'v1', 'convnext_base-6075fbad.pth', 338, 232, 224],
  ['convnext_large', 'v1', 'convnext_large-ea097f82.pth', 755, 232, 224],
];

/** The ImageNet weights of all nets here, as tools/oracles/torchvision_weights.py lists them. */
export const TORCHVISION_WEIGHTS: readonly TorchvisionWeights[] = ROWS.map(
  ([net, version, fileName, mebibytes, resize, crop, filter = 'bilinear']): TorchvisionWeights => ({
    id: `${net}.${version}`,
    net,
    fileName,
    approximateBytes: mebibytes * MIB,
    input: { resize, crop, filter },
  }),
);

/** The address of a file of torchvision. */
export function torchvisionUrl(fileName: string): string {
  return `https://download.pytorch.org/models/${fileName}`;
}

/** The digits of the sha256 in the name of a file of torchvision. */
export function digestInName(fileName: string): string | undefined {
  return /-([0-9a-f]{8})\.pth$/.exec(fileName)?.[1];
}

/** Finds the weights whose digits are in the name of a file or the last part of an address. */
export function findTorchvisionWeights(name: string): TorchvisionWeights | undefined {
  const digest = digestInName(name.split(/[?#]/)[0]!);
  if (digest === undefined) return undefined;
  return TORCHVISION_WEIGHTS.find(({ fileName }) => digestInName(fileName) === digest);
}
