import { dropUndefined } from '../base/drop-undefined.ts';
import { findNonFinite, type NdArray } from '../base/nd-array.ts';
import { listBoxes } from '../targets/detect/list-boxes.ts';
import { toProbabilities } from '../engines/port/probabilities.ts';
import { GradcamError } from '../base/errors.ts';
import { mergeChannels, toRgbOrder } from '../image/pixel-map.ts';
import { prepareInput, type PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { findPeak } from '../image/localise/peak.ts';
import { explainEach } from '../methods/explain-each.ts';
import type { Method } from '../methods/method.ts';
import { findMethod } from '../methods/registry.ts';
import type { ModelDescription } from '../model/description.ts';
import type { Model } from '../model/description.ts';
import { mainHead } from '../network/network.ts';
import { findImageInput, findRecommended } from '../network/taps.ts';
import { aimTarget, readsScores } from '../targets/aim-target.ts';
import { outputKindOf } from '../network/output-kind.ts';
import { resolveTarget } from '../targets/target.ts';
import { checkLayers, computeMap } from './compute-map.ts';
import { checkImageShape } from './check-image-shape.ts';
import { checkExplainOptions, checkImage } from './check-options.ts';
import { describeBoxes } from './describe-notes.ts';
import { diagnose } from './diagnose.ts';
import { describeDoubt } from './doubt.ts';
import { embedReferences, runForScores } from './embed-image.ts';
import type { ExplainOptions } from './options.ts';
import { placeFixations } from './place-fixations.ts';
import { predict } from './predict.ts';
import type { PreparedText } from './prepare-text.ts';
import type { Explanation, ImageExplanation } from './explanation.ts';
import { resolveLayers, type LayerChoice } from './layer-choice.ts';
import { readTargets } from './read-targets.ts';
import { runModel } from './run-model.ts';
import { describeText, findText } from './text-of-image.ts';
import { viewSession } from './view-session.ts';

export { displayMapOf } from './explanation.ts';
export type { Explanation, ImageExplanation } from './explanation.ts';

/**
 * Explains the scores of a model for one image: it computes a map for every combination of the given
 * methods, layers and targets. All methods share one pass for each ReLU policy that they need, which is
 * usually one pass in total. A target that is a function of the scores needs a second forward pass on
 * engines that compile their graphs.
 *
 * @param image the image, or the result of `prepareInput` if the image was prepared elsewhere.
 * @throws GradcamError `argument` for an unknown option, an option of the wrong type, or an image that is not
 *   decoded; `not-found` or `argument` for methods, layers, targets, inputs and outputs that do not exist;
 *   `unsupported` for a method that cannot explain this model or that the preset's peer does not offer, and
 *   for a model with further inputs whose values were not given.
 * @throws DOMException `AbortError` (the signal's reason) when aborted.
 */
export async function explain(
  model: Model,
  image: RgbImage | PreparedInput,
  options: ExplainOptions = {},
): Promise<ImageExplanation> {
  checkExplainOptions(options);
  checkImage(image);
  const { text, image: seen } = await findText(model, image, options);
  const view = viewSession(model.session, { ...options, ...(text && { inputs: text.inputs }) });
  try {
    return await explainWith(
      { ...model, ...describeView(model, view.session, options) },
      seen,
      options,
      text,
    );
  } finally {
    view.release();
  }
}

/** The parts of a model's description that depend on the chosen image input and output. */
function describeView(
  model: ModelDescription,
  session: Model['session'],
  { output = 0 }: ExplainOptions,
): Pick<Model, 'session' | 'network' | 'defaultLayer' | 'classNames'> {
  const { network } = session;
  const isMain = output === 0 || mainHead(network).logits === mainHead(model.network).logits;
  if (isMain && findImageInput(network) === findImageInput(model.network)) {
    // A GraphModel's session knows nothing of detectors.
    const heads = [mainHead(model.network), ...network.heads.slice(1)];
    return {
      ...{ session, network: { ...network, heads } },
      ...{ defaultLayer: model.defaultLayer, classNames: model.classNames },
    };
  }
  // The model's class names belong to its first output.
  const classNames = isMain ? model.classNames : { labels: [], wnids: [] };
  const defaultLayer = findRecommended(network)?.layer ?? findImageInput(network);
  return { session, network, defaultLayer, classNames };
}

async function explainWith(
  model: Model,
  image: RgbImage | PreparedInput,
  options: ExplainOptions,
  text: PreparedText | null,
): Promise<ImageExplanation> {
  const { methods: names = ['grad-cam'], targets = ['top1'], layers = ['auto'], signal } = options;
  const imitated = options.like === undefined ? null : await imitate(options.like);
  const { network, session, classNames } = model;
  const methods = names.map(findMethod);
  const { values, geometry } = 'values' in image ? image : prepareInput(image, model.input);
  checkImageShape(network, values);
  const choices = layers.map((layer) => resolveLayers(model, layer));
  for (const method of methods) {
    checkLayers(method, choices, network);
    imitated?.peerMethod(imitated.preset, method.name);
  }
  if (imitated !== null && imitated.preset.layerMean === undefined) {
    refuseFused(choices, imitated.preset.name);
  }
  const head = mainHead(network);
  const settledTargets = await embedReferences(targets, session, model, signal);
  const read = readTargets(settledTargets, methods, classNames, head, text?.caption ?? null);
  const { specs } = read;

  const nodes = [...new Set(choices.flatMap((choice) => choice.nodes))];
  const boxesAt = head.detector?.boxes ?? null;
  const seen = readsScores(specs, head)
    ? await runForScores(session, values, boxesAt === null ? [] : [boxesAt], signal)
    : null;
  const boxes =
    seen === null || head.detector === undefined
      ? null
      : listBoxes(
          head.detector,
          head,
          { scores: seen.scores, boxes: boxesAt === null ? null : seen.valueOf(boxesAt) },
          geometry,
        );
  const known = { scores: seen?.scores ?? null, boxes, geometry, names: classNames };
  const aimed = specs.map((spec) => aimTarget(spec, head, known));
  const plan = { seeds: aimed.map(({ seed }) => seed), nodes, methods };
  const shared = await runModel(session, values, plan, signal);
  const { runs, batch, onProgress } = options;
  const context = { session, input: values, seeds: plan.seeds, shared, runs, batch, signal };
  const findMap = await explainEach(plan, (method, layer) =>
    method.explain({
      ...context,
      layer,
      onProgress: onProgress && ((part) => onProgress({ method: method.name, layer, ...part })),
    }),
  );
  const likePeer =
    imitated === null
      ? null
      : await imitated.explainLikePeer({
          ...{ ...context, preset: imitated.preset, methods, nodes },
          sharedFor: (input) => runModel(session, input, plan, signal),
        });

  const maps = { shared, channelOrder: model.input.channelOrder, findMap };
  const isMap = outputKindOf(head) === 'map';
  const isEmbedding = specs.every(({ kind }) => kind === 'similar');
  const predictions = isEmbedding ? [] : predict(shared.logits, head, classNames, boxes);
  const probabilities = toProbabilities(shared.logits, head);
  const explainOne = (spec: number, method: Method, choice: LayerChoice): Explanation => {
    const map = computeMap(method, choice, spec, maps);
    const { raw, nothing } = map;
    const peer = likePeer?.(spec, method, method.usesLayer ? choice.nodes : [choice.nodes[0]]);
    const like = peer && { ...peer, raw: toRgbOrder(peer.raw, model.input.channelOrder) };
    const points = map.points && placeFixations(map.points, geometry);
    const resolved = shared.seeds[spec]!;
    const { classOf, probabilityOf, blank: reason, box } = aimed[spec]!;
    const isFunction = specs[spec]!.kind === 'function';
    const layer = method.usesLayer ? choice.layer : network.inputs[0]!;
    const target = resolveTarget(specs[spec]!, {
      classIndex: classOf(resolved),
      names: classNames,
      isMap,
      box,
    });
    const isPredicted = target.kind === 'class' && target.index === predictions[0]?.index;
    checkFinite(raw, method.name, layer);
    const probability = isFunction
      ? predictions[0]?.probability
      : probabilityOf(probabilities, resolved);
    return {
      method: method.name,
      kind: method.map,
      layer,
      target,
      score: resolved.score,
      raw,
      relu: method.relu,
      ...dropUndefined({ nothing, points, like }),
      peak: findPeak(mergeChannels(raw), geometry),
      diagnostics: diagnose(map, method.relu, geometry, {
        ...{ probability, reason, kind: target.kind, isPredicted },
      }),
    };
  };
  const explanations = specs.flatMap((_, spec) =>
    choices.flatMap((choice, place) =>
      methods
        .filter((method) => method.usesLayer || place === 0)
        .map((method) => explainOne(spec, method, choice)),
    ),
  );
  const doubt = describeDoubt(predictions, probabilities, head, classNames);
  const notes = [
    ...(text?.notes ?? []),
    ...(read.note === undefined ? [] : [read.note]),
    ...describeBoxes(boxes),
    ...(imitated?.describeSigns(imitated.preset, methods) ?? []),
  ];
  return {
    predictions,
    ...(text !== null && { text: describeText(text, predictions, shared.logits, explanations) }),
    ...dropUndefined({ doubt, notes: notes.length > 0 ? notes : undefined }),
    explanations,
    geometry,
  };
}

/** The preset of that name, with what its imitation needs. */
async function imitate(name: string) {
  const imitation = await import('../presets/imitation.ts');
  return { ...imitation, preset: imitation.findPreset(name) };
}

function refuseFused(choices: readonly LayerChoice[], preset: string): void {
  const fused = choices.find(({ nodes }) => nodes.length > 1);
  if (fused === undefined) return;
  throw new GradcamError(
    'unsupported',
    `like ${preset}: one layer at a time; ${fused.layer} is fused by a rule of its own, which is not the peer's`,
  );
}

function checkFinite(raw: NdArray, method: string, layer: string): void {
  if (findNonFinite(raw.data) < 0) return;
  throw new GradcamError(
    'model',
    `${method} at ${layer}: the map is not finite; check the weights`,
  );
}
