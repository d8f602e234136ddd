import { NotFoundError } from '../errors.ts';
import { sortByDistance } from '../mapping/nearest-name.ts';
import type { Architecture } from './architecture.ts';
import { DEMO_RESNET, DEMO_VGG } from './demo.ts';
import { createMobileNetV1, MOBILENET_V1_TABLES } from './mobilenet-v1.ts';
import { createResNetV1, RESNET_V1_TABLES } from './resnet-v1.ts';
import { createResNetV2, RESNET_V2_TABLES } from './resnet-v2.ts';
import { createVgg, VGG_TABLES } from './vgg.ts';

const ARCHITECTURES: readonly Architecture[] = [
  DEMO_RESNET,
  DEMO_VGG,
  ...VGG_TABLES.map(createVgg),
  ...RESNET_V1_TABLES.map(createResNetV1),
  ...RESNET_V2_TABLES.map(createResNetV2),
  ...MOBILENET_V1_TABLES.map(createMobileNetV1),
];

/** All architectures that weights can be converted into. */
export function listArchitectures(): readonly Architecture[] {
  return ARCHITECTURES;
}

/**
 * Finds the architecture with this id.
 *
 * @throws NotFoundError with the nearest ids
 */
export function getArchitecture(id: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id);
  if (found !== undefined) return found;
  const candidates = sortByDistance(
    id,
    ARCHITECTURES.map((architecture) => architecture.id),
  );
  throw new NotFoundError(
    id,
    `no architecture '${id}'; did you mean '${candidates[0] ?? ''}'? Known: ${ARCHITECTURES.map((known) => known.id).join(', ')}`,
    candidates,
  );
}
