import type { ResultLine } from '@gradcam/core';
import path from 'node:path';

/** A finished image in a few lines for people. */
export function formatResult(line: ResultLine, runFolder: string): string[] {
  const classes = line.predictions.map(
    ({ index, label, probability }) => `${label ?? index} ${(100 * probability).toFixed(1)} %`,
  );
  const lines = [`${line.image}`, `  predicted: ${classes.join(', ')}`];
  for (const { method, layer, target, peak, files, diagnostics } of line.explanations) {
    const name = `${target.kind === 'not' ? 'not ' : ''}${target.label ?? target.index}`;
    const rather = target.than === undefined ? '' : ` rather than ${target.than}`;
    const place = `peak at x ${Math.round(peak.x)}, y ${Math.round(peak.y)}`;
    const picture = files['overlay'] ?? Object.values(files)[0];
    const where = picture === undefined ? '' : `: ${path.join(runFolder, picture)}`;
    lines.push(`  ${name}${rather} by ${method} at ${layer}, ${place}${where}`);
    if (diagnostics.blank !== undefined) lines.push(`    blank map: ${diagnostics.blank}`);
  }
  return lines;
}
