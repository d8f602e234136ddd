import type { ResultLine } from '@gradcam/core';
import path from 'node:path';
import { toPrintable } from '../terminal/printable.ts';
import { describePrediction } from './describe-answer.ts';
import { describeTarget } from './describe-target.ts';

/** A finished image in a few lines for people. */
export function formatResult(line: ResultLine, runFolder: string): string[] {
  const answers = line.predictions.map(describePrediction);
  const lines = [`${line.image}`];
  if (answers.length > 0) lines.push(`  predicted: ${answers.join(', ')}`);
  for (const { method, layer, target, peak, files, diagnostics } of line.explanations) {
    const place = `peak at x ${Math.round(peak.x)}, y ${Math.round(peak.y)}`;
    const picture = files['overlay'] ?? Object.values(files)[0];
    const where = picture === undefined ? '' : `: ${path.join(runFolder, picture)}`;
    lines.push(`  ${describeTarget(target)} by ${method} at ${layer}, ${place}${where}`);
    if (diagnostics.blank !== undefined) lines.push(`    blank map: ${diagnostics.blank}`);
  }
  return lines.map(toPrintable);
}
