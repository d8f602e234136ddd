import { dump } from 'npyjs';
import type { ResultExplanation } from '@gradcam/core';
import { drawBar } from '../components/colour-bar.tsx';
import { styleMeanings } from '../components/gradient-styles.ts';
import type { Colours } from '../map/paint.ts';
import { formatAnswer, methodTitle, targetName } from '../text/format.ts';
import { addLegend } from './legend-canvas.ts';
import type { LiveExplanation } from '../worker/protocol.ts';

/** Saves the raw map in the same format as the command: a float32 `.npy` file. */
export function saveRawMap({ raw, line }: LiveExplanation): void {
  const bytes = dump(raw.data, [...raw.shape], { dtype: 'f4' });
  saveFile(new Blob([bytes]), `${nameOf(line.explanations[0])}.npy`);
}

/**
 * Saves the large picture as it is drawn, without box and peak, with a legend below it: class,
 * probability, method, layer, and what the colours mean.
 */
export async function savePicture(
  { line, raw }: LiveExplanation,
  canvas: HTMLCanvasElement,
  colours: Colours,
) {
  const [explanation] = line.explanations;
  if (explanation === undefined) return;
  const style = raw.shape.length === 3 ? colours.gradients : null;
  const labelled = addLegend(canvas, {
    lines: [
      `${targetName(explanation, line.predictions)} ${formatAnswer(explanation.diagnostics)}`,
      `${methodTitle(explanation.method)} at ${explanation.layer}`,
      ...(style === null ? [] : [styleMeanings[style]]),
    ],
    bar: style === null || style === 'magnitude' ? drawBar(colours) : null,
    ends: ['0', 'maximum'],
  });
  const blob = await new Promise<Blob | null>((resolve) => labelled.toBlob(resolve, 'image/png'));
  if (blob !== null) saveFile(blob, `${nameOf(explanation)}.png`);
}

function nameOf(explanation: ResultExplanation | undefined): string {
  if (explanation === undefined) return 'map';
  const { method, layer, target } = explanation;
  const parts = [method, layer, target.label ?? String(target.index)];
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
