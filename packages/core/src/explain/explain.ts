import { batchItem, type NdArray } from '../array/nd-array.ts';
import { rankScores, sigmoid, softmax } from '../engine/seed.ts';
import { GradcamError } from '../errors.ts';
import { runManyMethods, type ManyRunsOptions } from '../many-runs/run-many.ts';
import type { RunMap, RunMethod } from '../many-runs/run-method.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import { prepareInput, type PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { findPeak } from '../localise/peak.ts';
import { mergeChannels, toRgbOrder } from '../image/pixel-map.ts';
import type { Method } from '../methods/method.ts';
import { findMethod } from '../methods/registry.ts';
import { countClasses, resolveLayer, type Model } from '../model/model.ts';
import { hasMeanAndLinearHead } from '../network/linear-head.ts';
import { mainHead, type Network } from '../network/network.ts';
import { displayMapLike } from '../presets/display-like.ts';
import { runLikePeer, type PeerMap } from '../presets/peer-run.ts';
import { findPreset, peerMethod } from '../presets/presets.ts';
import type { Diagnostics, Prediction } from '../run/run.ts';
import { shortLabel, type ClassNames } from '../targets/labels.ts';
import { parseTarget, settleTarget, targetSeed, type Target } from '../targets/target.ts';
import { diagnose } from './diagnose.ts';
import { runModel, type ModelRun } from './run-model.ts';

export interface ExplainOptions {
  /** Names of methods; default Grad-CAM. */
  readonly methods?: readonly string[];
  /** As on the command line: `top1`, `242`, `boxer`, `not:242`, `242:281`, ..; default `top1`. */
  readonly targets?: readonly (string | number)[];
  /** Layers or endpoints; default `auto`. */
  readonly layers?: readonly string[];
  /** Name of a preset: the displayed map is that peer's; `raw` stays ours. */
  readonly like?: string;
  /** Budget of the methods that run the model many times: masks, channels, samples, steps. */
  readonly runs?: number;
  /** Inputs for one run of those methods. */
  readonly batch?: number;
  /** Takes effect between runs of the engine. */
  readonly signal?: AbortSignal;
  /** Of the methods that run the model many times, after each run. */
  readonly onProgress?: ManyRunsOptions['onProgress'];
}

/** Why the model scored one target as it did, at one layer, by one method. */
export interface Explanation {
  readonly method: string;
  /** A value for each cell of a layer, or for each channel of each pixel of the model's input. */
  readonly kind: 'grid' | 'pixels';
  /** As asked for; for `auto` the layer that was chosen; the input's name for a method without one. */
  readonly layer: string;
  readonly target: Target;
  /** The target's logit (of `not:` its negative, of a contrast the difference). */
  readonly score: number;
  /**
   * Before the ReLU, signed, not normalised. Of kind `grid` [rows, columns] at layer resolution, of
   * kind `pixels` [height, width, 3] in the model's input size, RGB.
   */
  readonly raw: NdArray;
  /** Whether the displayed map cuts negative evidence. */
  readonly relu: boolean;
  /** With the option `like`: that peer's own raw map, which the displayed one is made from. */
  readonly like?: PeerMap;
  /** Centre of the largest raw cell (of pixels: of the largest magnitude), in pixels of the original. */
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

/** A layer as the user calls it and the node that holds its value. */
type LayerChoice = ReturnType<typeof resolveLayer>;

/**
 * Explains what a model says of an image: every method, at every layer, for every target, from one
 * forward run for each ReLU policy that the methods need, which is mostly one.
 *
 * @param image the image, or what `prepareInput` made of it, where that was done elsewhere.
 * @throws GradcamError `not-found` or `argument` for methods, layers and targets that are not there;
 *   `unsupported` for a method that presumes another model, or that the preset's peer does not offer.
 * @throws DOMException `AbortError` (the signal's reason) when aborted.
 */
export async function explain(
  model: Model,
  image: RgbImage | PreparedInput,
  options: ExplainOptions = {},
): Promise<ImageExplanation> {
  const { methods: names = ['grad-cam'], targets = ['top1'], layers = ['auto'], signal } = options;
  const preset = options.like === undefined ? null : findPreset(options.like);
  const { network, classNames } = model;
  const methods = names.map(findMethod);
  const choices = layers.map((layer) => resolveLayer(model, layer));
  for (const method of methods) {
    checkPresumption(method, choices, network);
    if (preset !== null) peerMethod(preset, method.name);
  }
  const classes = countClasses(network);
  const specs = targets.flatMap((target) => parseTarget(String(target), classNames, classes));

  const { values, geometry } = 'values' in image ? image : prepareInput(image, model.input);
  const nodes = [...new Set(choices.map(({ node }) => node))];
  const plan = { seeds: specs.map(targetSeed), nodes, methods };
  const run = await runModel(model.session, values, plan, signal);
  const { session } = model;
  const many = methods.filter((method) => method.kind === 'runs');
  const settled = { seeds: plan.seeds, nodes, methods: many };
  const mapOf = await runManyMethods(session, values, settled, options);
  const likePeer =
    preset === null
      ? null
      : await runLikePeer({ ...plan, session, values, preset, base: run, signal });

  const probabilities = toProbabilities(run.logits, mainHead(network).activation);
  const explainOne = (spec: number, method: Method, choice: LayerChoice): Explanation => {
    const { raw, gradients } = computeRaw(method, choice, spec, run, values, model, mapOf);
    const { classIndex, score } = run.seeds[spec]!;
    const layer = usesLayer(method) ? choice.layer : network.inputs[0]!;
    checkFinite(raw, method.name, layer);
    const probability = probabilities[classIndex]!;
    return {
      method: method.name,
      kind: method.kind === 'runs' ? method.map : method.kind,
      layer,
      target: settleTarget(specs[spec]!, classIndex, classNames),
      score,
      raw,
      relu: method.relu,
      ...(likePeer === null ? {} : { like: likePeer(spec, method, choice.node) }),
      peak: findPeak(mergeChannels(raw), geometry),
      diagnostics: diagnose(raw, gradients, method.relu, probability, geometry),
    };
  };
  const explanations = specs.flatMap((_, spec) =>
    choices.flatMap((choice, place) =>
      methods
        .filter((method) => usesLayer(method) || place === 0)
        .map((method) => explainOne(spec, method, choice)),
    ),
  );
  return { predictions: predict(run.logits, probabilities, classNames), explanations, geometry };
}

/**
 * The map of an explanation over the original image; of pixels, the largest magnitude of each. Of an
 * explanation like a peer's, the peer's.
 */
export function displayMapOf(
  explanation: Pick<Explanation, 'raw' | 'relu' | 'like'>,
  geometry: Geometry,
): DisplayMap {
  const { like } = explanation;
  if (like !== undefined) {
    return displayMapLike(like.raw, findPreset(like.preset), like.method, geometry);
  }
  return createDisplayMap(mergeChannels(explanation.raw), explanation.relu, geometry);
}

function usesLayer(method: Method): boolean {
  return method.kind === 'grid' || method.usesLayer;
}

function checkPresumption(method: Method, choices: readonly LayerChoice[], network: Network): void {
  if (method.kind !== 'grid' || method.presumes === undefined) return;
  const wrong = choices.find(({ node }) => !hasMeanAndLinearHead(network, node));
  if (wrong === undefined) return;
  throw new GradcamError(
    'unsupported',
    `${method.name} needs a layer that is followed by the mean over its grid and one linear layer, which '${wrong.layer}' is not; use grad-cam, which works at every layer`,
  );
}

/** The method's raw map, and the gradient that it is made from. */
function computeRaw(
  method: Method,
  { node }: LayerChoice,
  spec: number,
  run: ModelRun,
  values: NdArray,
  model: Model,
  mapOf: (seed: number, method: RunMethod, node: string) => RunMap,
): { raw: NdArray; gradients: NdArray } {
  const layer = run.layer(node, spec);
  if (method.kind === 'runs') {
    const { map } = mapOf(spec, method, node);
    const raw = method.map === 'pixels' ? toRgbOrder(map, model.input.channelOrder) : map;
    return { raw, gradients: layer.gradients };
  }
  if (method.kind === 'grid') {
    return { raw: method.computeMap(layer), gradients: layer.gradients };
  }
  const gradients = run.inputGradients(method.policy, spec);
  const input = batchItem(values, 0);
  const map = method.computeMap({ input, inputGradients: gradients, layer });
  return { raw: toRgbOrder(map, model.input.channelOrder), gradients };
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
