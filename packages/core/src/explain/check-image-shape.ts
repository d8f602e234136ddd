import type { NdArray } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';
import { findNode, type Network } from '../network/network.ts';

/** @throws GradcamError `argument` for an image whose shape is not that of the network's first input. */
export function checkImageShape(network: Network, values: NdArray): void {
  const [input] = network.inputs as [string];
  const { shape } = findNode(network, input);
  if (shape.join() === values.shape.slice(1).join()) return;
  throw new GradcamError(
    'argument',
    `input ${input} takes [${shape.join(', ')}], but the model's description makes images [${values.shape.slice(1).join(', ')}]; choose the image's input with imageInput`,
  );
}
