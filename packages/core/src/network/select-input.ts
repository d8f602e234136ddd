import { GradcamError } from '../base/errors.ts';
import { didYouMean, nearestNames } from '../base/nearest-names.ts';
import { findNode, type Network } from './network.ts';

/** The inputs of a model that have given values, and the input that takes the picture. */
export interface InputChoice {
  /** Names of the inputs whose values are given. */
  readonly given: readonly string[];
  /** The input that takes the picture, if the caller states it. */
  readonly imageInput?: string | undefined;
}

/**
 * The input that takes the picture: the stated one, else the first picture input without a given value,
 * else the first input without one.
 *
 * @throws GradcamError `not-found` for a name that no input has, with similar ones; `argument` when no
 *   input is left for the picture.
 */
export function chooseImageInput(network: Network, { given, imageInput }: InputChoice): string {
  for (const name of [...given, ...(imageInput === undefined ? [] : [imageInput])]) {
    if (!network.inputs.includes(name)) throw unknownInput(network, name);
  }
  const free = network.inputs.filter((name) => !given.includes(name));
  const image = imageInput ?? free.find((name) => isPicture(network, name)) ?? free[0];
  if (image !== undefined && free.includes(image)) return image;
  throw new GradcamError(
    'argument',
    `inputs: ${given.join(', ')} leave no input of model ${network.name} for the image`,
  );
}

/**
 * The network with the named input first. The first input is the one that takes the picture.
 *
 * @throws GradcamError `not-found` for a name that no input has; `argument` for an input that is not a
 *   picture.
 */
export function withInputFirst(network: Network, name: string | undefined): Network {
  if (name === undefined) return network;
  if (!network.inputs.includes(name)) throw unknownInput(network, name);
  if (!isPicture(network, name)) {
    const { shape } = findNode(network, name);
    const pictures = network.inputs.filter((one) => isPicture(network, one));
    throw new GradcamError(
      'argument',
      `imageInput: ${name} takes [${shape.join(', ')}], which is not a picture; the inputs that take pictures are ${pictures.join(', ') || 'none'}`,
    );
  }
  return { ...network, inputs: [name, ...network.inputs.filter((one) => one !== name)] };
}

/** Whether an input takes a picture, [height, width, 3] or [height, width, 1]. */
export function isPicture(network: Network, name: string): boolean {
  return isPictureShape(findNode(network, name).shape);
}

/** Whether a shape is [height, width, 3] or [height, width, 1], of more than one row. */
export function isPictureShape(shape: readonly number[]): boolean {
  return shape.length === 3 && (shape[2] === 1 || shape[2] === 3) && shape[0]! > 1;
}

function unknownInput(network: Network, name: string): GradcamError {
  const { inputs } = network;
  const near = nearestNames(name, inputs);
  return new GradcamError(
    'not-found',
    `model ${network.name} has no input '${name}'${didYouMean(near)}; it has ${inputs.join(', ')}`,
    { candidates: near.length > 0 ? near : inputs },
  );
}
