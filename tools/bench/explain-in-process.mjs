// @ts-check
/**
 * Loads a model, explains, and prints the process's anonymous memory after each step as JSON lines. Run it
 * with `--expose-gc`, so that garbage that has not been collected yet is not counted.
 *
 * Usage: node --expose-gc explain-in-process.mjs <model> <step..>; a step is `forward`, `grad-cam`, `guided`,
 * or a number of Grad-CAMs.
 */
import { loadModel, resolveLayer } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createEngine } from './create-engine.mjs';
import { anonymousBytes } from './anonymous-memory.mjs';
import { drawInput } from './explanation-rows.mjs';

const [folder = '', ...steps] = process.argv.slice(2);
const model = await loadModel(openModelFolder(folder), {
  engine: createEngine(),
});
const input = model.network.inputs[0] ?? '';
const { node } = resolveLayer(model, 'auto');
const { height, width } = model.input;
const inputs = {
  [input]: { shape: [1, height, width, 3], data: drawInput(height * width * 3) },
};
const seeds = [{ score: /** @type {const} */ ('logit'), of: { rank: 0 } }];

for (const step of steps) {
  if (step === 'forward') await model.session.run({ inputs, outputs: [] });
  else if (step === 'guided') {
    const gradient = { seeds, wrt: [input], relu: /** @type {const} */ ('guided') };
    await model.session.run({ inputs, outputs: [], gradient });
  } else {
    const gradient = { seeds, wrt: [node], relu: /** @type {const} */ ('plain') };
    for (let i = 0; i < (Number(step) || 1); i++) {
      await model.session.run({ inputs, outputs: [node], gradient });
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc?.();
  process.stdout.write(`${JSON.stringify({ step, bytes: anonymousBytes('self') })}\n`);
}
process.exit(0);
