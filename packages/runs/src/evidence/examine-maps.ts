import {
  createPredict,
  displayMapOf,
  explain,
  forwardPassOf,
  isGradcamError,
  targetKey,
  viewSession,
  type ExplainOptions,
  type Explanation,
  type Geometry,
  type MapEvidence,
  type Model,
  type NdArray,
  type PreparedInput,
  type Seed,
  type SessionView,
  type Target,
} from '@gradcam/core';
import {
  judgeMap,
  measureDeletion,
  rankCorrelation,
  shuffleMap,
  withoutEvidence,
  type EvidenceSubject,
} from '@gradcam/core/evidence';
import type { EvidenceSettings } from './evidence-settings.ts';

/** The model that is explained, and the same model with noise in place of its learnt weights. */
export interface ExaminedModels {
  readonly model: Model;
  /** Null for a model whose engine does not give its weights. */
  readonly randomised: Model | null;
}

/** How an image was explained; what its maps are examined with. */
export interface Examination extends Pick<
  ExplainOptions,
  'inputs' | 'like' | 'runs' | 'batch' | 'signal'
> {
  readonly settings: EvidenceSettings;
  /** Called after each curve; `total` counts those of all maps. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Examines the maps of one image: for each, the area under its deletion curve, the areas of the same map
 * with its values at random places, and its rank correlation with the map of the model with noise as
 * weights.
 *
 * @param prepared the image as it was explained.
 * @returns the evidence of each explanation, in their order. Equal explanations are examined once.
 */
export async function examineMaps(
  { model, randomised }: ExaminedModels,
  { values }: PreparedInput,
  explanations: readonly Explanation[],
  { settings, onProgress, ...options }: Examination,
): Promise<MapEvidence[]> {
  const known = new Map<string, MapEvidence>();
  const keys = explanations.map(keyOf);
  const total = new Set(keys).size * (settings.orders + 1);
  let done = 0;
  let view: SessionView | null = null;
  try {
    for (const [i, explanation] of explanations.entries()) {
      if (known.has(keys[i]!)) continue;
      const aim = aimAt(explanation.target);
      const reason = reasonAgainst(explanation, aim);
      if (aim === null || reason !== null) {
        done += settings.orders + 1;
        known.set(keys[i]!, withoutEvidence(reason ?? 'this kind of target is not examined'));
        continue;
      }
      view ??= viewSession(model.session, { inputs: options.inputs });
      const predict = createPredict(forwardPassOf(view.session), [aim.seed]);
      const subject = { predict, input: values };
      const area = async (shuffle: number | null): Promise<number> => {
        const map = inputMap(explanation, values, shuffle);
        const { batch, signal } = options;
        const measured = await measureDeletion({ ...subject, map } satisfies EvidenceSubject, {
          ...{ steps: settings.steps, replacement: 'mean', batch, signal },
        });
        onProgress?.({ done: (done += 1), total });
        return measured.value;
      };
      const deletion = await area(null);
      const random: number[] = [];
      for (let order = 1; order <= settings.orders; order++) {
        random.push(await area(settings.seed + order));
      }
      const noisy =
        randomised === null
          ? null
          : await explainAgain(randomised, values, explanation, aim, options);
      const correlation = noisy && compare(explanation, noisy, values);
      const findings = { deletion, random, randomised: correlation, scoreName: aim.scoreName };
      known.set(keys[i]!, judgeMap(findings));
    }
  } finally {
    view?.release();
  }
  return keys.map((key) => known.get(key)!);
}

function keyOf({ method, layer, target }: Explanation): string {
  return JSON.stringify([method, layer, targetKey(target)]);
}

/** The score of a target as a seed, and the target as a text that means the same class on any model. */
interface Aim {
  readonly seed: Seed;
  readonly target: string;
  readonly scoreName: string;
}

function aimAt({ kind, index, than }: Target): Aim | null {
  switch (kind) {
    case 'class':
      return {
        seed: { score: 'probability', of: { class: index } },
        ...{ target: String(index), scoreName: 'probability' },
      };
    case 'not':
      return {
        seed: { score: 'logit', of: { not: index } },
        ...{ target: `not:${index}`, scoreName: 'score' },
      };
    case 'contrast':
      return {
        seed: { score: 'logit', of: { contrast: [index, than!] } },
        ...{ target: `${index}:${than}`, scoreName: 'score' },
      };
    case 'value':
      return {
        seed: { score: 'logit', of: { class: 0 } },
        ...{ target: 'value', scoreName: 'value' },
      };
    default:
      return null;
  }
}

function reasonAgainst({ target, diagnostics }: Explanation, aim: Aim | null): string | null {
  if (aim === null)
    return `maps of a ${target.kind} are not examined, only those of classes and values`;
  return diagnostics.blank === undefined ? null : 'the map is blank';
}

/**
 * The displayed map at the size of the model's input, [height, width].
 *
 * @param shuffle a seed puts the map's values at random places first; null leaves them.
 */
function inputMap(explanation: Explanation, { shape }: NdArray, shuffle: number | null): NdArray {
  const [, height = 1, width = 1] = shape;
  const { like, raw } = explanation;
  const place = (map: NdArray): NdArray => (shuffle === null ? map : shuffleMap(map, shuffle));
  const own = {
    ...explanation,
    raw: place(raw),
    ...(like && { like: { ...like, raw: place(like.raw) } }),
  };
  const { values } = displayMapOf(own, wholeInput(width, height));
  return { shape: [height, width], data: values };
}

/** The rank correlation of two displayed maps; `blank` where the second has one value everywhere. */
function compare(own: Explanation, noisy: Explanation, values: NdArray): number | 'blank' {
  const [a, b] = [own, noisy].map((one) => inputMap(one, values, null).data);
  return rankCorrelation(a!, b!) ?? 'blank';
}

/**
 * The same map of the model with noise as weights; null where it has none: noise can make scores that are
 * not finite, and a net that a method cannot explain.
 */
async function explainAgain(
  model: Model,
  values: NdArray,
  { method, layer }: Explanation,
  { target }: Aim,
  { inputs, like, runs, batch, signal }: Omit<Examination, 'settings' | 'onProgress'>,
): Promise<Explanation | null> {
  const [, height = 1, width = 1] = values.shape;
  const given = Object.entries({ inputs, like, runs, batch, signal });
  const prepared = { values, geometry: wholeInput(width, height) };
  try {
    const { explanations } = await explain(model, prepared, {
      ...{ methods: [method], layers: [layer], targets: [target] },
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    });
    return explanations[0]!;
  } catch (error) {
    if (isGradcamError(error, 'model', 'unsupported')) return null;
    throw error;
  }
}

/** The geometry of a picture of the input itself. */
function wholeInput(width: number, height: number): Geometry {
  const size = { width, height };
  return { image: size, input: size, view: { x: 0, y: 0, ...size } };
}
