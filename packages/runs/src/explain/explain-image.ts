import type {
  ExplainOptions,
  Explanation,
  Geometry,
  MapEvidence,
  ResultFigure,
  ResultLine,
  ResultSweep,
  ResultText,
  RgbImage,
} from '@gradcam/core';
import { dropUndefined } from '../drop-undefined.ts';
import type { EvidenceSettings } from '../evidence/evidence-settings.ts';
import type { ImageNames } from '../files/image-names.ts';
import type { RunDirectory } from '../files/run-directory.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';
import { saveExplanation, type PaintStage } from '../paint/save-explanation.ts';
import type { ExplainedImage, Explainer, ExplainerOptions, RunProgress } from './explainer.ts';
import type { GroundTruth, TrueClass } from './ground-truth.ts';
import type { AskedImage } from './image-questions.ts';
import type { ImageReader, ReadImage } from './read-image.ts';

/**
 * The parts of the work on one image: it is decoded and prepared, the model answers, a picture or map is
 * painted, and the picture is encoded.
 */
export type Stage = 'decode' | 'model' | PaintStage;

/** Receives the time in milliseconds of one step of a stage. A stage may have several steps. */
export type OnStage = (stage: Stage, ms: number) => void;

/** Explains the image in hand with other options. */
export type AskModel = (options: ExplainerOptions) => Promise<ExplainedImage>;

/** The settings and tools that all images of a run share. */
export interface ImageRequest {
  readonly thread: Explainer;
  /** Explains the image together with others. Default: `thread`, which answers all further requests. */
  readonly first?: Pick<Explainer, 'explain'>;
  readonly read: ImageReader;
  readonly options: ExplainOptions;
  /** How the maps are examined; undefined where no evidence was asked for. */
  readonly evidence?: EvidenceSettings | undefined;
  readonly save: SaveSettings;
  readonly directory: RunDirectory;
  readonly names: ImageNames;
  /** True classes of the images; null where none were given. */
  readonly truth: GroundTruth | null;
  /** Whether the true class is explained in addition, where it is not the top class. */
  readonly explainsTruth: boolean;
  /** Called with the time that each part of the work took; see {@link Stage}. */
  readonly onStage?: OnStage;
  /** When this signal is aborted, images that have not reached the engine are given up. */
  readonly signal: AbortSignal;
  /** Writes the animations of an image into its folder; null where none were asked for. */
  readonly saveSweeps:
    | ((
        ask: AskModel,
        image: RgbImage,
        options: ExplainOptions,
        folder: string,
      ) => Promise<readonly ResultSweep[]>)
    | null;
  /** Writes the figures of an image into its folder; null where none were asked for. */
  readonly saveFigures:
    | ((
        ask: AskModel,
        image: RgbImage,
        geometry: Geometry,
        explained: readonly Explanation[],
        options: ExplainOptions,
        folder: string,
      ) => Promise<readonly ResultFigure[]>)
    | null;
}

/**
 * Explains one image, writes its files and returns its line. The caller appends the line to the results.
 *
 * @param asked the image, and the question about it where the options do not ask one about all images.
 * @throws an `AbortError` where the image was given up.
 */
export async function explainImage(
  asked: AskedImage,
  request: ImageRequest,
  onProgress: RunProgress,
): Promise<ResultLine> {
  const start = performance.now();
  const read = await request.read(asked.image);
  request.onStage?.('decode', performance.now() - start);
  try {
    return await explainRead(asked, read, request, onProgress, start);
  } finally {
    read.release();
  }
}

async function explainRead(
  { image: source, question }: AskedImage,
  { sha256, image, prepare }: ReadImage,
  request: ImageRequest,
  onProgress: RunProgress,
  start: number,
): Promise<ResultLine> {
  const { names, save, directory } = request;
  const truth = request.truth?.find(source, question);
  const askOf = async (
    explainer: Pick<Explainer, 'explain'>,
    options: ExplainerOptions,
  ): Promise<ExplainedImage> => {
    const asked = performance.now();
    const answer = await explainer.explain(prepare(), options, onProgress);
    request.onStage?.('model', performance.now() - asked);
    return answer;
  };
  const ask: AskModel = (options) => askOf(request.thread, options);
  request.signal.throwIfAborted();
  const { evidence } = request;
  const examined = evidence === undefined ? {} : { evidence };
  const base = question === undefined ? request.options : { ...request.options, question };
  const first = await askOf(request.first ?? request.thread, { ...base, ...examined });
  const { predictions, geometry } = first;
  const correct = truth === undefined ? undefined : predictions[0]?.index === truth.index;
  const explanations = [...first.explanations];
  const found = [...evidenceOf(first, evidence)];
  let options = base;
  if (correct === false && request.explainsTruth) {
    const again = await ask({ ...base, ...examined, targets: [truth!.index] });
    explanations.push(...again.explanations);
    found.push(...evidenceOf(again, evidence));
    options = { ...options, targets: [...(options.targets ?? ['top1']), truth!.index] };
  }
  const folder = names.folderOf(source, question);
  const lines = [];
  const taken = new Set<string>();
  /** The place in the line of each explanation, those that are equal in one place. */
  const places: number[] = [];
  const known = new Map<string, number>();
  for (const [i, explanation] of explanations.entries()) {
    // `top1` and the class that it resolves to are one explanation, however often they were asked for.
    const { method, layer, target } = explanation;
    const key = JSON.stringify([method, layer, target]);
    places.push(known.get(key) ?? lines.length);
    if (known.has(key)) continue;
    known.set(key, lines.length);
    const saved = await saveExplanation(
      ...([explanation, image, geometry, folder, save, directory, taken] as const),
      request.onStage,
    );
    lines.push(found[i] === undefined ? saved : { ...saved, evidence: found[i] });
  }
  const sweeps = await request.saveSweeps?.(ask, image, base, folder);
  const figures = await request.saveFigures?.(
    ...([ask, image, geometry, explanations, options, folder] as const),
  );
  const notes = [
    ...image.notes,
    ...(first.doubt === undefined ? [] : [first.doubt]),
    ...(first.notes ?? []),
  ];
  return dropUndefined({
    image: names.lineOf(source),
    sha256,
    width: image.width,
    height: image.height,
    view: geometry.view,
    samples: image.samples,
    notes: notes.length > 0 ? notes : undefined,
    text: first.text && relocate(first.text, places),
    predictions,
    ...describeTruth(truth, correct),
    explanations: lines,
    sweeps,
    figures,
    ms: Math.round(performance.now() - start),
  });
}

/** The text with the places of its words' explanations in the line. */
function relocate(text: ResultText, places: readonly number[]): ResultText {
  if (!('caption' in text)) return text;
  const caption = text.caption.map((word) =>
    word.explanation === undefined ? word : { ...word, explanation: places[word.explanation]! },
  );
  return { ...text, caption };
}

/** The evidence of each explanation; nothing where none was asked for. */
function evidenceOf(
  { explanations, evidence }: ExplainedImage,
  asked: EvidenceSettings | undefined,
): readonly MapEvidence[] {
  if (asked === undefined) return [];
  if (evidence?.length === explanations.length) return evidence;
  throw new Error(
    `the explainer gave ${evidence?.length ?? 0} of ${explanations.length} evidences`,
  );
}

function describeTruth(
  truth: TrueClass | undefined,
  correct: boolean | undefined,
): Pick<ResultLine, 'truth' | 'correct'> {
  return truth === undefined || correct === undefined ? {} : { truth, correct };
}
