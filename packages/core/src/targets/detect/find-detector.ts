import type { Sidecars } from '../../readers/beside/sidecar.ts';
import { findNode, mainHead, type Network } from '../../network/network.ts';
import { findImageInput } from '../../network/taps.ts';
import type { BoxReading } from '../../network/box-reading.ts';
import { recogniseDetector } from './recognise-detector.ts';

/** The sources of class names, which may tell the number of classes. */
export interface NamesOfClasses {
  readonly sidecars: Sidecars;
  /** Names from other sources, such as those that a caller states. */
  readonly labels: readonly (readonly string[] | undefined)[];
}

/**
 * The network whose first output is described as a detector's, if it is one, with notes for the user.
 */
export function withDetector(
  network: Network,
  stated: BoxReading,
  { sidecars, labels }: NamesOfClasses,
): { network: Network; notes: readonly string[] } {
  const { shape } = findNode(network, findImageInput(network));
  const [height, width] = shape;
  if (shape.length !== 3 || height === undefined || width === undefined) {
    return { network, notes: [] };
  }
  const names = [...labels, ...sidecars.found.map(({ classNames }) => classNames?.labels)];
  const nameCounts = names.flatMap((list) => (list === undefined ? [] : [list.length]));
  const found = recogniseDetector(network, { size: [height, width], stated, nameCounts });
  if (found.detector === null) return { network, notes: found.notes };
  const head = { ...mainHead(network), detector: found.detector };
  return { network: { ...network, heads: [head, ...network.heads.slice(1)] }, notes: found.notes };
}
