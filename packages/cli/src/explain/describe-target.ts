import type { Target } from '@gradcam/core';

/** A target for people: `cat`, `not cat`, `cat rather than 3`. */
export function describeTarget({ kind, label, index, than }: Target): string {
  const name = label ?? String(index);
  if (kind === 'not') return `not ${name}`;
  return than === undefined ? name : `${name} rather than ${than}`;
}
