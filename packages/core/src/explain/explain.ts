import { batchItem, type NdArray } from '../array/nd-array.ts';
import { rankScores, sigmoid, softmax } from '../engine/seed.ts';
import { GradcamError } from '../errors.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import { prepareInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { findPeak } from '../localise/peak.ts';
import { findMethod } from '../methods/registry.ts';
import { countClasses, resolveLayer, type Model } from '../model/model.ts';
import { mainHead } from '../network/network.ts';
import type { Diagnostics, Prediction } from '../run/run.ts';
import { shortLabel, type ClassNames } from '../targets/labels.ts';
import { parseTarget, settleTarget, targetSeed, type Target } from '../targets/target.ts';
import { diagnose } from './diagnose.ts';

export interface ExplainOptions {
  /** Names of methods; default Grad-CAM. */
  readonly methods?: readonly string[];
  /** As on the command line: `top1`, `242`, `boxer`, `not:242`, `242:281`, ..; default `top1`. */
  readonly targets?: readonly (string | number)[];
  /** Layers or endpoints; default `auto`. */
  readonly layers?: readonly string[];
  /** Takes effect between runs of the engine. */
  readonly signal?: AbortSignal;
}

/** Why the model scored one target as it did, at one layer, by one method. */
export interface Explanation {
  readonly method: string;
  /** As asked for; for `auto` the layer that was chosen. */
  readonly layer: string;
  readonly target: Target;
  /** The target's logit (of `not:` its negative, of a contrast the difference). */
  readonly score: number;
  /** [rows, columns] at layer resolution, before the ReLU, signed, not normalised. */
  readonly raw: NdArray;
  /** Whether the displayed map cuts negative evidence. */
  readonly relu: boolean;
  /** Centre of the largest raw cell, in pixels of the original image. */
  readonly peak: { readonly x: number; readonly y: number };
  readonly diagnostics: Diagnostics;
}

/** All explanations of one image. */
export interface ImageExplanation {
  /** The five most probable classes, best first. */
  readonly predictions: readonly Prediction[];
  readonly explanations: readonly Explanation[];
  readonly geometry: Geometry;
}

/**
 * Explains what a model says of an image: every method, at every layer, for every target, from one
 * forward run.
 *
 * @throws GradcamError `not-found` or `argument` for methods, layers and targets that are not there.
 * @throws DOMException `AbortError` (the signal's reason) when aborted.
 */
export async function explain(
  model: Model,
  image: RgbImage,
  options: ExplainOptions = {},
): Promise<ImageExplanation> {
  const { methods: names = ['grad-cam'], targets = ['top1'], layers = ['auto'], signal } = options;
  const { network, classNames } = model;
  const methods = names.map(findMethod);
  const taps = layers.map((layer) => resolveLayer(model, layer));
  const classes = countClasses(network);
  const specs = targets.flatMap((target) => parseTarget(String(target), classNames, classes));
  signal?.throwIfAborted();

  const { values, geometry } = prepareInput(image, model.input);
  const nodes = [...new Set(taps.map(({ node }) => node))];
  const result = await model.session.run({
    inputs: { [network.inputs[0]!]: values },
    outputs: nodes,
    gradient: { seeds: specs.map(targetSeed), wrt: nodes, relu: 'plain' },
  });
  signal?.throwIfAborted();

  const logits = batchItem(result.logits, 0).data;
  const probabilities = toProbabilities(logits, mainHead(network).activation);
  const explanations = specs.flatMap((spec, s) =>
    taps.flatMap(({ layer, node }) =>
      methods.map((method): Explanation => {
        const activations = batchItem(result.outputs.get(node)!, 0);
        const gradients = batchItem(result.gradients[s]!.get(node)!, 0);
        const { classIndex, score } = result.seeds[s]![0]!;
        const raw = method.computeMap({ activations, gradients });
        checkFinite(raw, method.name, layer);
        const probability = probabilities[classIndex]!;
        return {
          method: method.name,
          layer,
          target: settleTarget(spec, classIndex, classNames),
          score,
          raw,
          relu: method.relu,
          peak: findPeak(raw, geometry),
          diagnostics: diagnose(raw, gradients, method.relu, probability, geometry),
        };
      }),
    ),
  );
  return { predictions: predict(logits, probabilities, classNames), explanations, geometry };
}

/** The map of an explanation over the original image. */
export function displayMapOf(
  explanation: Pick<Explanation, 'raw' | 'relu'>,
  geometry: Geometry,
): DisplayMap {
  return createDisplayMap(explanation.raw, explanation.relu, geometry);
}

function toProbabilities(
  logits: Float32Array,
  activation: 'softmax' | 'sigmoid' | 'linear',
): Float64Array {
  if (activation === 'sigmoid') return Float64Array.from(logits, sigmoid);
  return softmax(logits);
}

function predict(
  logits: Float32Array,
  probabilities: Float64Array,
  { labels }: ClassNames,
  count = 5,
): Prediction[] {
  return rankScores(logits)
    .slice(0, count)
    .map((index) => ({
      index,
      ...(labels[index] === undefined ? {} : { label: shortLabel(labels[index]) }),
      probability: probabilities[index]!,
      logit: logits[index]!,
    }));
}

function checkFinite(raw: NdArray, method: string, layer: string): void {
  if (raw.data.every((value) => Number.isFinite(value))) return;
  throw new GradcamError(
    'model',
    `${method} at ${layer}: the map is not finite; check the weights`,
  );
}
