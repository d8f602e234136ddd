import type { Target } from '@gradcam/core';

/**
 * A target, for people: `cat`, `not cat`, `cat rather than 3`, `cat at 10, 20`, `value`, `element 3, 4`, `box
 * 1 (cat)`, `car (word 3)`, `the sentence`.
 */
export function describeTarget(target: Target): string {
  const { kind, label, index, than, at, element, box } = target;
  if (kind === 'sentence') return 'the sentence';
  if (kind === 'word') return `${label ?? index} (word ${target.place})`;
  if (kind === 'value') return label ?? 'value';
  if (kind === 'element') return `element ${(element ?? []).join(', ')}`;
  if (kind === 'similar') return `similar to ${label}`;
  const name = label ?? String(index);
  if (kind === 'box') {
    if (box === undefined) return `a box of ${name}`;
    return index < 0 ? `box ${box}` : `box ${box} (${name})`;
  }
  if (kind === 'not') return `not ${name}`;
  if (than !== undefined) return `${name} rather than ${than}`;
  const place = at === undefined ? '' : ` at ${Object.values(at).join(', ')}`;
  return kind === 'pixel' ? `pixel of ${name}${place}` : `${name}${place}`;
}
