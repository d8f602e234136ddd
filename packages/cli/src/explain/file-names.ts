import type { Explanation } from '@gradcam/core';
import { createHash } from 'node:crypto';
import path from 'node:path';

/** Letters that every file system and URL takes as they are. */
function toSafeName(text: string): string {
  const safe = text.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  return safe.replace(/^[-.]+|-+$/g, '').slice(0, 60) || 'x';
}

/** Folder of an image in a run: its stem, and 8 hex digits of its path against equal stems. */
export function nameImageFolder(imagePath: string): string {
  const digest = createHash('sha256').update(imagePath).digest('hex').slice(0, 8);
  return `${toSafeName(path.parse(imagePath).name)}-${digest}`;
}

/** `<method>--<layer>--<target>`, the stem of an explanation's files. */
export function nameExplanation({ method, layer, target }: Explanation): string {
  return [method, layer, nameTarget(target)].map(toSafeName).join('--');
}

function nameTarget({ kind, index, label, than }: Explanation['target']): string {
  const own = label === undefined ? `${index}` : `${index}-${label}`;
  if (kind === 'not') return `not-${own}`;
  return kind === 'contrast' ? `${own}-rather-than-${than}` : own;
}
