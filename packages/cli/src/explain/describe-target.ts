import type { Target } from '@gradcam/core';

/** A target for people: `cat`, `not cat`, `cat rather than 3`, `cat at 10, 20`, `value`, `element 3, 4`. */
export function describeTarget({ kind, label, index, than, at, element }: Target): string {
  if (kind === 'value') return label ?? 'value';
  if (kind === 'element') return `element ${(element ?? []).join(', ')}`;
  const name = label ?? String(index);
  if (kind === 'not') return `not ${name}`;
  if (than !== undefined) return `${name} rather than ${than}`;
  const place = at === undefined ? '' : ` at ${Object.values(at).join(', ')}`;
  return kind === 'pixel' ? `pixel of ${name}${place}` : `${name}${place}`;
}
