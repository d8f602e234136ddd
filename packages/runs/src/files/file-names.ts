import type { Explanation } from '@gradcam/core';
import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 * The text in letters that every file system and every URL accepts unescaped. Windows takes `nul.x` for a
 * device.
 */
function toSafeName(text: string): string {
  const letters = text.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  const safe = letters.replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.)/, '$1-');
  return safe.replace(/^[-.]+|-+$/g, '').slice(0, 60) || 'x';
}

function digestText(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}

/**
 * Name of an image's folder in a run: its stem and 8 hex digits of its path, which tell equal stems apart.
 * If another image already has that name, 32 digits are used: among 100,000 images with the same stem,
 * about one pair has the same 8 digits.
 *
 * @param digested what the digits tell apart; by default the path.
 */
export function nameImageFolder(
  imagePath: string,
  isTaken: (folder: string) => boolean = () => false,
  digested = imagePath,
): string {
  const stem = toSafeName(path.parse(imagePath).name);
  const short = `${stem}-${digestText(digested, 8)}`;
  return isTaken(short) ? `${stem}-${digestText(digested, 32)}` : short;
}

/**
 * The stem of an explanation's files, `<method>--<layer>--<target>`.
 *
 * @param taken stems of the image's other explanations: the layers `a/b` and `a-b` must not share a stem.
 */
export function nameExplanation(
  { method, layer, target }: Explanation,
  taken: ReadonlySet<string>,
): string {
  const parts = [method, layer, nameTarget(target)];
  const stem = parts.map(toSafeName).join('--');
  return taken.has(stem) ? `${stem}-${digestText(parts.join('\n'), 6)}` : stem;
}

/** The stem of a layer's figure, `figure--<layer>`; `taken` as for {@link nameExplanation}. */
export function nameFigure(layer: string, taken: ReadonlySet<string>): string {
  const stem = `figure--${toSafeName(layer)}`;
  return taken.has(stem) ? `${stem}-${digestText(layer, 6)}` : stem;
}

function nameTarget(target: Explanation['target']): string {
  const { kind, index, label, than, at, element, box } = target;
  if (kind === 'sentence') return 'sentence';
  if (kind === 'word') return `word-${target.place}-${label ?? index}`;
  if (kind === 'value') return 'value';
  if (kind === 'element') return `element-${(element ?? []).join('-')}`;
  if (kind === 'similar') return `similar-to-${path.basename(label ?? '')}`;
  const own = label === undefined ? `${index}` : `${index}-${label}`;
  if (kind === 'box') return `box-${box ?? 'none'}-${own}`;
  if (kind === 'not') return `not-${own}`;
  if (kind === 'contrast') return `${own}-rather-than-${than}`;
  const place = at === undefined ? '' : `-at-${Object.values(at).join('-')}`;
  return kind === 'region' || kind === 'pixel' ? `${kind}-${own}${place}` : own;
}
