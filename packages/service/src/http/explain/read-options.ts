import { findMethod, findPreset, type ExplainOptions } from '@gradcam/core';
import { saveKinds, type SaveKind, type SaveSettings } from '@gradcam/runs';
import { RequestError } from '../request-error.ts';
import { shorten } from '../schemas/describe-misfit.ts';
import type { StatedOptions } from '../schemas/explain-options.ts';

/** The options of a request, as the functions of core and runs take them. */
export interface ReadOptions {
  readonly explain: ExplainOptions;
  readonly save: Omit<SaveSettings, 'software' | 'model'>;
  readonly window: readonly [from: number, to: number] | undefined;
}

/** The kinds of files that `maps` is short for. */
const kindsOfMaps: Readonly<Record<string, SaveKind>> = { npy: 'raw', png: 'heatmap' };

/**
 * Reads the options that have passed their schema. The defaults are those of `gradcam explain`, except that
 * no files are made.
 *
 * @throws RequestError `bad-request`; GradcamError `not-found` for a method that does not exist.
 */
export function readOptions(stated: StatedOptions): ReadOptions {
  const { runs, like } = stated;
  return {
    explain: {
      // The methods' full names, so that requests with aliases are joined.
      methods: listNames(stated.method, 'grad-cam').map((name) => findMethod(name).name),
      targets: stated.target === undefined ? ['top1'] : [stated.target].flat(),
      layers: listNames(stated.layer, 'auto'),
      ...readWords(stated),
      ...(runs !== undefined && { runs }),
      ...(like !== undefined && { like: findPreset(like).name }),
    },
    save: {
      save: listKinds(stated),
      colormap: stated.colormap ?? 'turbo',
      gradients: stated.gradients ?? 'colour',
      alpha: stated.alpha ?? 0.5,
      overlay: stated.overlay ?? 'blend',
      legend: stated.legend ?? false,
      box: stated.box ?? 'peak',
      sheet: false,
      figure: false,
      sweep: false,
    },
    window: stated.window === undefined ? undefined : readWindow(stated.window),
  };
}

/** What is asked or said. A given caption is compared with the model's own, as in `gradcam explain`. */
function readWords({
  ask,
  say,
  caption,
  beams,
}: StatedOptions): Pick<ExplainOptions, 'question' | 'caption' | 'ownCaption'> {
  const asked = { ask, say, caption: caption === true ? caption : undefined };
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    throw new RequestError('bad-request', `${names} exclude each other; give one`);
  }
  if (beams !== undefined && say === undefined && caption !== true) {
    throw new RequestError('bad-request', 'beams needs caption or say');
  }
  const write = beams === undefined ? {} : { beams };
  if (ask !== undefined) return { question: ask };
  if (say !== undefined) return { caption: say, ownCaption: write };
  return caption === true ? { caption: write } : {};
}

/** Names that are separated by commas, or repeated, or both. */
function listNames(stated: string | readonly string[] | undefined, fallback: string): string[] {
  if (stated === undefined) return [fallback];
  return [stated].flat().flatMap((text) => text.split(',').map((name) => name.trim()));
}

function listKinds({ save, maps }: StatedOptions): readonly SaveKind[] {
  const asked = save === undefined ? [] : listNames(save, '');
  const kinds = asked.map((name) => {
    const kind = saveKinds.find((one) => one === name);
    if (kind !== undefined) return kind;
    throw new RequestError(
      'bad-request',
      `save takes ${saveKinds.join(', ')}; got '${shorten(name)}'`,
    );
  });
  const short = maps === undefined ? [] : listNames(maps, '');
  const ofMaps = short.map((name) => {
    if (Object.hasOwn(kindsOfMaps, name)) return kindsOfMaps[name]!;
    throw new RequestError('bad-request', `maps takes npy, png; got '${shorten(name)}'`);
  });
  return [...new Set([...kinds, ...ofMaps])];
}

function readWindow(text: string): readonly [from: number, to: number] {
  const parts = text.split('..').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [from = NaN, to = NaN] = parts;
  if (parts.length === 2 && Number.isFinite(from) && Number.isFinite(to) && to > from) {
    return [from, to];
  }
  throw new RequestError(
    'bad-request',
    `window takes two numbers from..to, the second one larger, such as 0..4095; got '${shorten(text)}'`,
  );
}
