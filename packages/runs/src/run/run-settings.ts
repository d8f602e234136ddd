import { findMethod } from '@gradcam/core';
import type { ExplainOptions, Model, ModelOverrides, RunFile, RunSettings } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { dropUndefined } from '../drop-undefined.ts';
import { RunError } from '../run-error.ts';
import type { EvidenceSettings } from '../evidence/evidence-settings.ts';
import type { SaveSettings } from '../paint/picture-settings.ts';

/** The settings that the results of a run depend on, in addition to the model and the images. */
export interface ResultSettings {
  readonly explain: ExplainOptions;
  readonly save: SaveSettings;
  readonly model: ModelOverrides;
  /** Hex sha256 of the values of the model's further inputs, by the names of the inputs. */
  readonly inputs: { readonly digests: Readonly<Record<string, string>> };
  /** The numbers in pictures that are shown as 0 and 255; undefined where each picture's type decides. */
  readonly window: readonly [from: number, to: number] | undefined;
  /** How maps are examined; undefined where no evidence was asked for. */
  readonly evidence?: EvidenceSettings | undefined;
}

/**
 * The settings that change results, in the form of `run.json`.
 *
 * @param digests hex sha256 of the true classes, of the images that targets name, and of the questions.
 */
export function describeSettings(
  { explain, save, model: overrides, window, inputs, evidence }: ResultSettings,
  model: Pick<Model, 'input' | 'classNames' | 'readFrom' | 'text'>,
  digests: {
    readonly truth: string | undefined;
    readonly references?: string | undefined;
    readonly questions?: string | undefined;
  },
): RunSettings {
  const { classNames } = overrides;
  return dropUndefined({
    methods: explain.methods ?? [],
    targets: (explain.targets ?? []).map(String),
    question: explain.question,
    say: typeof explain.caption === 'string' ? explain.caption : undefined,
    beams: beamsOf(explain),
    layers: explain.layers ?? [],
    save: save.save,
    colormap: save.colormap,
    alpha: save.alpha,
    fit: model.input.fit,
    beside: digestBeside(model),
    overlay: save.overlay === 'blend' ? undefined : save.overlay,
    format: save.format === 'webp' ? 'webp' : undefined,
    legend: save.legend ? true : undefined,
    box: save.box === 'paper' ? undefined : save.box,
    sweep: save.sweep ? true : undefined,
    figure: save.figure ? true : undefined,
    evidence,
    gradients: drawsPixels(explain, save) ? save.gradients : undefined,
    runs: explain.runs,
    like: explain.like,
    input: describeInput(overrides),
    inputs: Object.keys(inputs.digests).length === 0 ? undefined : inputs.digests,
    window: window?.join('..'),
    labels: classNames && digest(JSON.stringify(classNames)),
    truth: digests.truth,
    references: digests.references,
    questions: digests.questions,
  });
}

/** How many captions are continued at each word, where the model writes its own. */
function beamsOf({ caption, ownCaption }: ExplainOptions): number | undefined {
  const write = typeof caption === 'object' ? caption : ownCaption;
  // A caption that was written before states no beams.
  return write && (('beams' in write ? write.beams : undefined) ?? 1);
}

/** A digest of what files beside the model say, the words of its text included. */
function digestBeside({
  input,
  classNames,
  readFrom,
  text,
}: Pick<Model, 'input' | 'classNames' | 'readFrom' | 'text'>): string | undefined {
  if (readFrom.length === 0 && text === undefined) return undefined;
  return digest(JSON.stringify([input, classNames, ...(text === undefined ? [] : [text])]));
}

/** Whether the run draws maps at pixels, so that the way to draw them is one of its settings. */
function drawsPixels({ methods = [] }: ExplainOptions, { figure }: SaveSettings): boolean {
  return figure || methods.some((name) => findMethod(name).map === 'pixels');
}

function describeInput(overrides: ModelOverrides): Record<string, unknown> | undefined {
  const { inputRange, inputSize, mean, std, channelOrder, output, imageInput } = overrides;
  const { cropFraction, resize, boxes } = overrides;
  const stated = dropUndefined({
    ...{ inputRange, inputSize, mean, std, channelOrder, output, imageInput },
    ...{ cropFraction, resize, boxes },
  });
  return Object.keys(stated).length === 0 ? undefined : stated;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The flags whose names differ from the setting in `run.json`, by the name of the setting. */
const flagOf: Readonly<Record<string, string>> = {
  methods: 'method',
  targets: 'target',
  layers: 'layer',
  references: 'target similar:<image>',
  input:
    'input-range, --input-size, --mean, --std, --channels, --crop, --resize, --explain-input, --output or --boxes',
  inputs: 'input',
  question: 'ask',
  beams: 'caption or --beams',
};

/**
 * Refuses to add results of other settings to a run. The engine may differ, since engines agree to about 1e-5
 * of a map's scale. Early versions did not digest the weights; a run of theirs is continued, with a note,
 * where the `model.json` is the same.
 *
 * @throws RunError `argument` that names each change and the next step.
 */
export function checkSameSettings(
  folder: string,
  before: Pick<RunFile, 'settings' | 'model'>,
  now: Pick<RunFile, 'settings' | 'model'>,
  note: (text: string) => void,
): void {
  const changes: string[] = [];
  const { id, digest: json, weights } = before.model;
  const isSameJson = json === now.model.digest;
  if (!isSameJson || (weights !== undefined && weights !== now.model.weights)) {
    const what = isSameJson ? 'its weights differ' : 'model.json differs';
    changes.push(
      id === now.model.id
        ? `the model ${id} has changed (${what})`
        : `--model was ${id} and is ${now.model.id}`,
    );
  }
  const [old, current] = [asRecord(before.settings), asRecord(now.settings)];
  for (const name of new Set([...Object.keys(old), ...Object.keys(current)])) {
    const [was, is] = [old[name], current[name]];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    const what =
      name === 'beside'
        ? 'the description in the files beside the model'
        : `--${flagOf[name] ?? name}`;
    changes.push(`${what} was ${show(was)} and is ${show(is)}`);
  }
  if (changes.length === 0) {
    if (weights !== undefined) return;
    note(
      `assumed: the weights of ${id} are those of the existing results; an earlier version wrote run.json and recorded only model.json, which is the same; to be sure, choose another --out`,
    );
    return;
  }
  throw new RunError(
    'argument',
    `${folder} cannot be resumed: ${changes.join('; ')}; give the same settings, or another --out`,
  );
}

function asRecord(settings: RunSettings): Record<string, unknown> {
  return { ...settings };
}

function show(value: unknown): string {
  if (value === undefined) return 'not given';
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.join(',');
  // Digests are shown by their first digits, as git shows them.
  if (typeof value === 'string') return shorten(value);
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? shorten(part) : part,
  );
}

function shorten(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text;
}
