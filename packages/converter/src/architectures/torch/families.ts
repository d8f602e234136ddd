import type { Architecture } from '../architecture.ts';
import { TORCH_CIFAR_RESNET } from './cifar-resnet.ts';
import { TORCH_CONVNEXT } from './convnext.ts';
import { TORCH_DENSENET } from './densenet.ts';
import { TENSORFLOW_EFFICIENTNET, TORCH_EFFICIENTNET } from './efficientnet.ts';
import { createTorchArchitecture, type TorchFamily } from './family.ts';
import { TORCH_MOBILENET_V2 } from './mobilenet-v2.ts';
import { TORCH_RESNET } from './resnet.ts';
import { TORCH_SQUEEZENET } from './squeezenet.ts';
import { TORCH_VGG } from './vgg.ts';

/** The families of nets whose weights in files of PyTorch are converted. */
export const TORCH_FAMILIES: readonly TorchFamily[] = [
  eraseFamily(TORCH_RESNET),
  eraseFamily(TORCH_VGG),
  eraseFamily(TORCH_MOBILENET_V2),
  eraseFamily(TORCH_DENSENET),
  eraseFamily(TORCH_SQUEEZENET),
  eraseFamily(TORCH_EFFICIENTNET),
  eraseFamily(TENSORFLOW_EFFICIENTNET),
  eraseFamily(TORCH_CONVNEXT),
  eraseFamily(TORCH_CIFAR_RESNET),
];

/** The ids that `--arch` takes for files of PyTorch: published nets, and families of any width. */
export function listTorchIds(): string[] {
  return [
    ...TORCH_FAMILIES.flatMap(({ nets }) => nets.map(({ id }) => id)),
    ...TORCH_FAMILIES.map(({ id }) => id),
  ];
}

/** The architecture of a published net of PyTorch. */
export function findTorchArchitecture(id: string): Architecture | undefined {
  for (const family of TORCH_FAMILIES) {
    const net = family.nets.find((one) => one.id === id);
    if (net !== undefined) return createTorchArchitecture(family, net);
  }
  return undefined;
}

/** Hides the type of a family's plans, which only its own functions read. */
function eraseFamily<Plan>(family: TorchFamily<Plan>): TorchFamily {
  return family as unknown as TorchFamily;
}
