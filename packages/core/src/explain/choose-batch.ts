import { countElements } from '../base/nd-array.ts';
import type { Method } from '../methods/method.ts';
import { findMethod } from '../methods/registry.ts';
import type { Model } from '../model/description.ts';
import type { Derivative } from '../network/derive/derivative.ts';
import { deriveGradient } from '../network/derive/derive.ts';
import { findNode, mainHead, type Network } from '../network/network.ts';
import { resolveLayers } from './layer-choice.ts';
import type { ExplainOptions } from './options.ts';
import { runsAlone } from './runs-alone.ts';

/** How many images share one pass of the model, and why. */
export interface BatchChoice {
  readonly batch: number;
  /** One line. */
  readonly reason: string;
}

/**
 * The number of images in one pass unless somebody states another. On two cores, eight images of a ResNet-50
 * took less CPU time each than one, two or four, and sixteen took no less: docs/benchmarks.md.
 */
export const USUAL_IMAGES = 8;

/**
 * The most bytes of activations that the images of one pass may hold together. It is what eight images need
 * at the widest layers of a VGG16, with room to spare.
 */
export const MOST_ACTIVATION_BYTES = 2 ** 28;

/**
 * Chooses how many images `explainTogether` should take at a time. It is 1 where one image fills the passes
 * by itself, as with methods that run the model many times, and where gradients pass convolutions: an engine
 * that compiles graphs needs another one then for each number of images, which costs more than it gains.
 *
 * @param asked the number that somebody stated; it counts wherever several images can share a pass.
 * @throws GradcamError `not-found` and `argument` for methods and layers that do not exist.
 */
export function chooseBatch(
  model: Pick<Model, 'network' | 'oneAtATime' | 'endpoints' | 'defaultLayer'>,
  options: Pick<ExplainOptions, 'methods' | 'layers' | 'caption' | 'ownCaption'>,
  asked?: number,
): BatchChoice {
  const alone = runsAlone(model);
  if (alone !== null) return { batch: 1, reason: alone };
  const methods = (options.methods ?? ['grad-cam']).map(findMethod);
  const own = methods.find(({ passes }) => passes === 'own');
  if (own !== undefined) {
    return { batch: 1, reason: `${own.name} puts many inputs of one image into each pass` };
  }
  if (typeof options.caption === 'object' || options.ownCaption !== undefined) {
    return { batch: 1, reason: 'a caption is written word after word' };
  }
  if (asked !== undefined) return { batch: asked, reason: 'as asked for' };
  const backward = methods.every(({ gradientFree }) => gradientFree)
    ? null
    : deriveAll(model, methods, options.layers ?? ['auto']);
  if (backward !== null && passesConvolutions(backward)) {
    return {
      batch: 1,
      reason: 'gradients that pass convolutions need a graph for each number of images',
    };
  }
  const bytes = 4 * countValues(model.network, backward);
  const fitting = Math.max(1, Math.floor(MOST_ACTIVATION_BYTES / bytes));
  if (fitting >= USUAL_IMAGES) {
    return { batch: USUAL_IMAGES, reason: 'more were measured to be no faster' };
  }
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  return { batch: fitting, reason: `the activations take ${mebibytes} MiB for each image` };
}

/** The derivative with respect to everything that the methods read. */
function deriveAll(
  model: Parameters<typeof chooseBatch>[0],
  methods: readonly Method[],
  layers: readonly string[],
): Derivative {
  const { network } = model;
  const readsInput = methods.some(({ inputPolicy }) => inputPolicy !== undefined);
  const wrt = readsInput
    ? [network.inputs[0]!]
    : layers.flatMap((layer) => resolveLayers(model, layer).nodes);
  return deriveGradient(network, { wrt, relu: 'plain', seedAt: mainHead(network).logits });
}

function passesConvolutions({ nodes }: Derivative): boolean {
  return nodes.some(
    ({ op }) => op.kind === 'conv2dAdjoint' || op.kind === 'depthwiseConv2dAdjoint',
  );
}

/**
 * How many numbers of one image are in memory at the same time: the values that the backward pass reads, and
 * the input and output of the widest layer.
 */
function countValues(network: Network, backward: Derivative | null): number {
  const widest = Math.max(...network.nodes.map(({ shape }) => countElements(shape)));
  const kept = [...(backward?.uses ?? [])].map((name) => findNode(network, name).shape);
  return kept.reduce((sum, shape) => sum + countElements(shape), 2 * widest);
}
