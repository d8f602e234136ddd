import { dump } from 'npyjs';
import type { ResultExplanation } from '@gradcam/core';
import type { LiveExplanation } from '../worker/protocol.ts';

/** Saves the raw map as the command does: float32 `.npy`. */
export function saveRawMap({ raw, line }: LiveExplanation): void {
  const bytes = dump(raw.data, [...raw.shape], { dtype: 'f4' });
  save(new Blob([bytes]), `${nameOf(line.explanations[0])}.npy`);
}

/** Saves the large picture as it is drawn, without box and peak. */
export async function savePicture({ line }: LiveExplanation, canvas: HTMLCanvasElement) {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob !== null) save(blob, `${nameOf(line.explanations[0])}.png`);
}

function nameOf(explanation: ResultExplanation | undefined): string {
  if (explanation === undefined) return 'map';
  const { method, layer, target } = explanation;
  const parts = [method, layer, target.label ?? String(target.index)];
  return parts.map((part) => part.toLowerCase().replace(/[^a-z0-9._-]+/g, '-')).join('--');
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Not at once: the browser reads the address when it gets to it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
