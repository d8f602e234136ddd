import type { ResultLine } from '@gradcam/core';
import { className } from '../text/format.ts';

/** Says whether the predicted class of an image is its true one, and otherwise which is. */
export function TruthMark({ line }: { line: ResultLine }) {
  const { truth, correct } = line;
  if (truth === undefined) return null;
  if (correct === true) return <span class="truth truth-right">✓ right</span>;
  return (
    <span class="truth truth-wrong" title={`true class: ${className(truth)}`}>
      ✗ true: {className(truth)}
    </span>
  );
}
