import { type ResultLine, toPrintable } from '@gradcam/core';
import { describePrediction, describeTarget } from '@gradcam/runs';
import path from 'node:path';
import { describeText } from './print-text.ts';

/** If the bars of a letterbox have a smaller share of the map than this, they are not mentioned. */
const SAID_BAR_SHARE = 0.05;

/** The most boxes that are printed; `results.jsonl` has all of them. */
const SAID_BOXES = 10;

/** Lists a detector's boxes with the numbers by which targets refer to them. */
function listBoxes(answers: readonly string[]): string[] {
  const lines = answers.slice(0, SAID_BOXES).map((answer, i) => `  box ${i + 1}: ${answer}`);
  const more = answers.length - lines.length;
  return more === 0 ? lines : [...lines, `  and ${more} more, in results.jsonl`];
}

/**
 * Formats a finished image in a few lines for people.
 *
 * @param said the assumptions that the run has printed so far, so that one that holds for every picture is
 *   printed once.
 */
export function formatResult(line: ResultLine, runFolder: string, said: Set<string>): string[] {
  const answers = line.predictions.map(describePrediction);
  const lines = [`${line.image}`, ...describeText(line)];
  if (line.predictions.some(({ box }) => box !== undefined)) lines.push(...listBoxes(answers));
  else if (answers.length > 0) lines.push(`  predicted: ${answers.join(', ')}`);
  for (const note of line.notes ?? []) {
    if (note.startsWith('assumed: ')) {
      if (said.has(note)) continue;
      said.add(note);
    }
    lines.push(`  note: ${note}`);
  }
  for (const one of line.explanations) {
    const { method, layer, target, peak, box, files, diagnostics, evidence } = one;
    const place = `peak at x ${Math.round(peak.x)}, y ${Math.round(peak.y)}`;
    const picture = files['overlay'] ?? Object.values(files)[0];
    const where = picture === undefined ? '' : `: ${path.join(runFolder, picture)}`;
    const much = target.kind === 'similar' ? ` (cosine ${one.score.toFixed(3)})` : '';
    lines.push(`  ${describeTarget(target)}${much} by ${method} at ${layer}, ${place}${where}`);
    if (box?.holdsPeak === false) {
      lines.push(
        '    the box surrounds the largest region, and the peak lies outside it; --box peak takes the region with the peak',
      );
    }
    if (diagnostics.barShare !== undefined && diagnostics.barShare > SAID_BAR_SHARE) {
      const share = `${Math.round(100 * diagnostics.barShare)} %`;
      lines.push(
        `    ${share} of the map fell on the bars beside the picture; --fit squash or --fit crop leaves no bars`,
      );
    }
    if (evidence !== undefined) lines.push(`    ${evidence.verdict}`);
    if (diagnostics.blank !== undefined) lines.push(`    blank map: ${diagnostics.blank}`);
  }
  for (const { method, target, layers, file } of line.sweeps ?? []) {
    const frames = `${layers.length} layers from ${layers[0]} to ${layers.at(-1)}`;
    const where = path.join(runFolder, file);
    lines.push(`  sweep of ${describeTarget(target)} by ${method}, ${frames}: ${where}`);
  }
  for (const { layer, file } of line.figures ?? []) {
    lines.push(`  figure at ${layer}: ${path.join(runFolder, file)}`);
  }
  return lines.map(toPrintable);
}
