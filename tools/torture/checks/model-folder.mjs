// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Bytes of an element in the form in which it is stored. */
const BYTES = { float32: 4, float16: 2, uint16: 2, uint8: 1 };

/**
 * Checks what must hold for a model's folder whenever it exists: `model.json` and the shards that it lists
 * belong together, by their sizes and digests.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function checkModelFolder(folder) {
  if (!existsSync(folder)) return [];
  try {
    const model = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'));
    const { shards } = model.userDefinedMetadata.gradcam;
    const problems = [];
    for (const { weights, paths } of model.weightsManifest) {
      let expected = 0;
      for (const { shape, dtype, quantization } of weights) {
        const stored = /** @type {keyof typeof BYTES} */ (quantization?.dtype ?? dtype);
        const elements = shape.reduce(
          (/** @type {number} */ product, /** @type {number} */ side) => product * side,
          1,
        );
        expected += elements * BYTES[stored];
      }
      for (const name of paths) {
        const bytes = readFileSync(path.join(folder, name));
        expected -= bytes.length;
        const digest = createHash('sha256').update(bytes).digest('hex');
        if (digest !== shards[name]) problems.push(`${folder}: ${name} is not that of model.json`);
      }
      if (expected !== 0) problems.push(`${folder}: shards are ${expected} bytes too short`);
    }
    return problems;
  } catch (error) {
    const holds = readdirSync(folder).join(', ');
    return [`${folder}: no whole model (${/** @type {Error} */ (error).message}; holds ${holds})`];
  }
}

/**
 * Describes the content of a model's folder, without the details that may differ between two conversions of
 * the same weights.
 *
 * @param {string} folder
 */
export function describeModel(folder) {
  const model = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'));
  const { probe, ...own } = model.userDefinedMetadata.gradcam;
  // The engine sums in a different order when the machine is busy, so the numbers are rounded.
  const rounded = JSON.stringify(probe, (_key, value) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value,
  );
  return JSON.stringify([model.modelTopology, model.weightsManifest, own, rounded]);
}
