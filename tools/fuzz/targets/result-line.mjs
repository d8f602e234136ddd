// @ts-check
import { isFailure } from '@gradcam/core';
import { Disagreement } from '../oracle.mjs';

/** @typedef {import('@gradcam/core').ResultLine | import('@gradcam/core').FailureLine} Line */

/**
 * Checks that an accepted line has the fields that its type promises, including those that pages and sheets
 * rely on. It is written from the types in core/run and not from their validator.
 *
 * @param {Line} line
 * @throws Disagreement naming the first field that is of another type
 */
export function checkLine(line) {
  text(line.image, 'image');
  if (isFailure(line)) {
    if (line.question !== undefined) text(line.question, 'question');
    return text(line.error, 'error');
  }
  text(line.sha256, 'sha256');
  for (const name of /** @type {const} */ (['width', 'height', 'ms'])) number(line[name], name);
  if (line.view !== undefined) numbers(line.view, ['x', 'y', 'width', 'height'], 'view');
  for (const prediction of list(line.predictions, 'predictions')) {
    numbers(prediction, ['index', 'logit'], 'prediction');
    optionalNumbers(prediction, ['probability', 'share', 'value'], 'prediction');
    if (prediction.label !== undefined) text(prediction.label, 'prediction.label');
  }
  if (line.truth !== undefined) number(line.truth.index, 'truth.index');
  for (const explanation of list(line.explanations, 'explanations')) checkExplanation(explanation);
  for (const { method, target, layers, file } of list(line.sweeps ?? [], 'sweeps')) {
    text(method, 'sweep.method');
    number(target.index, 'sweep.target.index');
    for (const layer of list(layers, 'sweep.layers')) text(layer, 'sweep.layer');
    text(file, 'sweep.file');
  }
  for (const { layer, targets, file } of list(line.figures ?? [], 'figures')) {
    text(layer, 'figure.layer');
    for (const { index } of list(targets, 'figure.targets')) number(index, 'figure.target.index');
    text(file, 'figure.file');
  }
}

/** @param {import('@gradcam/core').ResultExplanation} explanation */
function checkExplanation({
  method,
  layer,
  target,
  score,
  grid,
  files,
  peak,
  box,
  mask,
  diagnostics,
  scale,
  evidence,
}) {
  text(method, 'method');
  text(layer, 'layer');
  text(target?.kind, 'target.kind');
  number(target.index, 'target.index');
  if (target.label !== undefined) text(target.label, 'target.label');
  number(score, 'score');
  if (list(grid, 'grid').length !== 2) fail('grid');
  for (const size of grid) number(size, 'grid');
  if (typeof files !== 'object' || files === null || Array.isArray(files)) fail('files');
  for (const file of Object.values(files)) text(file, 'files');
  numbers(peak, ['x', 'y'], 'peak');
  if (box !== null) numbers(box, ['x', 'y', 'width', 'height'], 'box');
  if (mask !== undefined) {
    text(mask.counts, 'mask.counts');
    for (const size of list(mask.size, 'mask.size')) number(size, 'mask.size');
  }
  if (scale !== undefined) numbers(scale, ['percentile', 'value'], 'scale');
  if (evidence !== undefined) {
    const { deletion, randomBaseline, randomised } = evidence;
    if (deletion !== null) number(deletion, 'evidence.deletion');
    if (randomised !== null) number(randomised, 'evidence.randomised');
    const names = ['mean', 'least', 'asLow', 'maps'];
    if (randomBaseline !== null) numbers(randomBaseline, names, 'evidence.randomBaseline');
    for (const name of /** @type {const} */ (['rating', 'verdict'])) text(evidence[name], name);
  }
  numbers(diagnostics, ['negativeShare'], 'diagnostics');
  optionalNumbers(
    diagnostics,
    ['gradientNorm', 'probability', 'completenessError', 'barShare'],
    'diagnostics',
  );
  for (const size of list(diagnostics.cellSize, 'cellSize')) number(size, 'cellSize');
}

/**
 * @param {unknown} value
 * @param {string} where
 */
function text(value, where) {
  if (typeof value !== 'string') fail(where);
}

/**
 * @param {unknown} value
 * @param {string} where
 */
function number(value, where) {
  if (typeof value !== 'number') fail(where);
}

/**
 * @param {unknown} value
 * @param {readonly string[]} names
 * @param {string} where
 */
function numbers(value, names, where) {
  if (typeof value !== 'object' || value === null) fail(where);
  for (const name of names)
    number(/** @type {Record<string, unknown>} */ (value)[name], `${where}.${name}`);
}

/**
 * @param {object} value
 * @param {readonly string[]} names of fields that may be absent
 * @param {string} where
 */
function optionalNumbers(value, names, where) {
  numbers(
    value,
    names.filter((name) => name in value),
    where,
  );
}

/**
 * @template T
 * @param {readonly T[]} value
 * @param {string} where
 */
function list(value, where) {
  if (!Array.isArray(value)) fail(where);
  return value;
}

/**
 * @param {string} where
 * @returns {never}
 */
function fail(where) {
  throw new Disagreement(`an accepted line has a field of another type: ${where}`);
}
