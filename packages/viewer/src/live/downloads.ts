import { dump } from 'npyjs';
import type { ResultExplanation } from '@gradcam/core';
import { drawBar } from '../components/colour-bar.tsx';
import { styleMeanings } from '../components/gradient-styles.ts';
import type { Colours } from '../map/paint.ts';
import { formatAnswer, methodTitle, targetName } from '../text/format.ts';
import { addLegend, type Legend } from './legend-canvas.ts';
import { differenceMeaning, type LookedAt } from './looked-at.ts';
import type { LiveExplanation } from '../worker/protocol.ts';

/** Saves the raw map in the same format as the command: a float32 `.npy` file. */
export function saveRawMap({ raw, line }: LiveExplanation, kind: LookedAt['kind']): void {
  const bytes = dump(raw.data, [...raw.shape], { dtype: 'f4' });
  saveFile(new Blob([bytes]), `${nameOf(line.explanations[0], kind)}.npy`);
}

/**
 * Saves the large picture as it is drawn, without box and peak, with a legend below it: class,
 * probability, method, layer, and what the colours mean.
 *
 * @param shown the explanation in the picture; for a difference, the edited image's.
 */
export async function savePicture(
  shown: LiveExplanation,
  canvas: HTMLCanvasElement,
  { colours, kind }: { readonly colours: Colours; readonly kind: LookedAt['kind'] },
) {
  const legend = kind === 'difference' ? differenceLegend(shown) : mapLegend(shown, colours, kind);
  const labelled = addLegend(canvas, legend);
  const blob = await new Promise<Blob | null>((resolve) => labelled.toBlob(resolve, 'image/png'));
  if (blob !== null) saveFile(blob, `${nameOf(shown.line.explanations[0], kind)}.png`);
}

/** What stands below a map: of which image it is, if that was edited, and what its colours mean. */
export function mapLegend(
  { line, raw }: LiveExplanation,
  colours: Colours,
  kind: LookedAt['kind'],
): Legend {
  const [explanation] = line.explanations;
  const style = raw.shape.length === 3 ? colours.gradients : null;
  const image = kind === null ? [] : [`${kind} image`];
  const facts = [
    ...(explanation === undefined ? [] : describe(explanation, line.predictions)),
    ...image,
    ...(style === null ? [] : [styleMeanings[style]]),
  ];
  return {
    lines: facts,
    bar: style === null || style === 'magnitude' ? drawBar(colours) : null,
    ends: ['0', 'maximum'],
  };
}

/** What stands below the difference of two maps. */
export function differenceLegend({ line }: LiveExplanation): Legend {
  const [explanation] = line.explanations;
  const what = explanation === undefined ? [] : [targetName(explanation, line.predictions)];
  const how = explanation === undefined ? [] : [describeMethod(explanation)];
  const meaning = `Difference of the maps: ${differenceMeaning}`;
  return { lines: [...what, ...how, meaning], bar: null, ends: ['', ''] };
}

function describe(
  explanation: ResultExplanation,
  predictions: LiveExplanation['line']['predictions'],
): string[] {
  const answer = formatAnswer(explanation.diagnostics);
  return [`${targetName(explanation, predictions)} ${answer}`, describeMethod(explanation)];
}

function describeMethod({ method, layer }: ResultExplanation): string {
  return `${methodTitle(method)} at ${layer}`;
}

function nameOf(explanation: ResultExplanation | undefined, kind: LookedAt['kind']): string {
  if (explanation === undefined) return 'map';
  const { method, layer, target } = explanation;
  const parts = [method, layer, target.label ?? String(target.index), kind ?? ''].filter(Boolean);
  return parts.map((part) => part.toLowerCase().replace(/[^a-z0-9._-]+/g, '-')).join('--');
}

/** Saves a file as a download. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The address is revoked later, because the browser reads it only when the download begins.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
