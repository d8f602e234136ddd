import type { Prediction, ResultExplanation } from '@gradcam/core';

/** A probability 0..1 as a percentage. A tiny probability is not rounded to zero. */
export function formatPercent(probability: number): string {
  const percent = probability * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent.toFixed(percent < 99.95 ? 1 : 0)} %`;
}

/**
 * The model's answer for a class: its probability; for a class of a segmentation, its share of the picture;
 * for an output that is a number, this number. Empty if there is none of these.
 */
export function formatAnswer(answer: Partial<Prediction>): string {
  if (answer.value !== undefined) return formatScore(answer.value);
  if (answer.share !== undefined) return `${formatPercent(answer.share)} of the picture`;
  return answer.probability === undefined ? '' : formatPercent(answer.probability);
}

/** A score with three significant digits, without an exponent where possible. */
export function formatScore(score: number): string {
  const size = Math.abs(score);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return score.toExponential(2);
  return size >= 100 ? score.toFixed(0) : score.toFixed(size >= 10 ? 1 : 2);
}

/** A number of pixels with at most one decimal. */
export function formatPixels(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** The name of a class, or its index if it has no name; for an output without classes, its number. */
export function className(of: { label?: string; index: number; value?: number }): string {
  return of.label ?? (of.value === undefined ? `class ${of.index}` : 'value');
}

/** Describes the target of an explanation in words. */
export function targetName(
  { target }: ResultExplanation,
  predictions: readonly Prediction[],
): string {
  if (target.kind === 'not') {
    const isValue = predictions.some(({ value }) => value !== undefined);
    return isValue ? 'not value' : `not ${className(target)}`;
  }
  if (target.kind === 'contrast') {
    const other = predictions.find(({ index }) => index === target.than);
    return `${className(target)} rather than ${className(other ?? { index: target.than ?? 0 })}`;
  }
  if (target.kind === 'sentence') return 'the sentence';
  if (target.kind === 'word') return `${className(target)} (word ${target.place})`;
  if (target.kind === 'value') return 'value';
  if (target.kind === 'element') return `element ${(target.element ?? []).join(', ')}`;
  if (target.kind === 'similar') return `similar to ${target.label ?? ''}`;
  if (target.kind === 'box') {
    if (target.box === undefined) return `a box of ${className(target)}`;
    return target.index < 0 ? `box ${target.box}` : `box ${target.box} (${className(target)})`;
  }
  const at = target.at === undefined ? '' : ` at ${Object.values(target.at).join(', ')}`;
  return target.kind === 'pixel'
    ? `pixel of ${className(target)}${at}`
    : `${className(target)}${at}`;
}

/**
 * Names of methods as papers write them. They are the same as in core's registry, whose import would bring
 * all of its code into the page; a test keeps the two lists equal.
 */
const methodTitles: Readonly<Record<string, string>> = {
  cam: 'CAM',
  'eigen-cam': 'Eigen-CAM',
  'eigen-grad-cam': 'EigenGrad-CAM',
  'grad-cam-plus-plus': 'Grad-CAM++',
  'grad-cam': 'Grad-CAM',
  'hires-cam': 'HiResCAM',
  'grad-cam-elementwise': 'Grad-CAM, element-wise',
  'layer-cam': 'LayerCAM',
  gradient: 'Gradient',
  'input-x-gradient': 'Input times gradient',
  'guided-backprop': 'Guided backpropagation',
  deconvnet: 'Deconvnet',
  'guided-grad-cam': 'Guided Grad-CAM',
  'random-cam': 'RandomCAM',
  'xgrad-cam': 'XGrad-CAM',
  'score-cam': 'Score-CAM',
  'ablation-cam': 'Ablation-CAM',
  'finer-cam': 'Finer-CAM',
  'full-grad': 'FullGrad',
  'smooth-grad-cam-plus-plus': 'Smooth Grad-CAM++',
  smoothgrad: 'SmoothGrad',
  'smoothgrad-squared': 'SmoothGrad squared',
  vargrad: 'VarGrad',
  'integrated-gradients': 'Integrated gradients',
  occlusion: 'Occlusion',
  rise: 'RISE',
  'cnn-fixations': 'CNN-Fixations',
  // The keys of these are names that people type on the command line.
  'grad-cam++': 'Grad-CAM++',
  'smooth-grad-cam++': 'Smooth Grad-CAM++',
  'smooth-grad': 'SmoothGrad',
  finercam: 'Finer-CAM',
  fullgrad: 'FullGrad',
};

/** The title of a method for readers. */
export function methodTitle(method: string): string {
  return methodTitles[method] ?? method;
}

/** A moment in the form of the reader's locale. Text that is not a moment is returned unchanged. */
export function formatMoment(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  return moment.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** `1 image`, `12 images`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** A number of bytes in megabytes. */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
}
