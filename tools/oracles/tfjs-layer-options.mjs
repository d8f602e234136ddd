// @ts-check
/**
 * Writes packages/core/test/fixtures/tables/tfjs-options.json: every layer class of tfjs-layers and
 * the options of its constructor, in the spelling of its JSON. They are read from the types of the installed
 * package:
 *
 *     node tools/oracles/tfjs-layer-options.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const require = createRequire(import.meta.url);
const main = require.resolve('@tensorflow/tfjs-layers/dist/index.js');
const folder = path.dirname(main);
const { version } = JSON.parse(readFileSync(path.join(folder, '../package.json'), 'utf8'));
const program = ts.createProgram([path.join(folder, 'index.d.ts')], { skipLibCheck: true });
const checker = program.getTypeChecker();

/** Options that every layer takes, and options that can be given only in code. */
const ofEveryLayer = new Set(
  'name trainable dtype weights updatable input_d_type input_dtype activity_regularizer dropout_func implementation'.split(
    ' ',
  ),
);
const ofInputs = new Set(
  'input_shape batch_input_shape batch_size input_dim input_length'.split(' '),
);
/** Base classes of layers, and models, which do not appear as layers in files. */
const notInFiles = new Set(['BaseRandomLayer', 'ConvRNN2D', 'SeparableConv']);
for (const name of ['Functional', 'LayersModel', 'Sequential']) notInFiles.add(name);

/** @type {Record<string, string[]>} */
const layers = {};
for (const file of program.getSourceFiles()) {
  if (!file.fileName.startsWith(folder)) continue;
  ts.forEachChild(file, (node) => {
    if (!ts.isClassDeclaration(node) || node.name === undefined) return;
    const type = checker.getTypeAtLocation(node);
    const isLayer = checker.getPropertyOfType(type, 'computeOutputShape') !== undefined;
    const isNamed = node.members.some(
      (m) => ts.isPropertyDeclaration(m) && m.name.getText() === 'className',
    );
    if (!isLayer || !isNamed || notInFiles.has(node.name.text)) return;
    const made = checker.getTypeOfSymbolAtLocation(/** @type {ts.Symbol} */ (type.symbol), node);
    const [constructor] = made.getConstructSignatures();
    const [argument] = constructor?.getParameters() ?? [];
    if (argument === undefined) return;
    const given = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(argument, node));
    layers[node.name.text] = checker
      .getPropertiesOfType(given)
      .map(({ name }) => name)
      .map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
      .filter((name) => !ofEveryLayer.has(name))
      .filter((name) => !ofInputs.has(name) || /InputLayer|Embedding/.test(node.name?.text ?? ''))
      .sort();
  });
}
const rows = Object.keys(layers)
  .sort()
  .map(
    (name) => `   ${JSON.stringify(name)}: ${JSON.stringify(layers[name]).replaceAll(',', ', ')}`,
  );
const out = new URL('../../packages/core/test/fixtures/tables/tfjs-options.json', import.meta.url);
writeFileSync(
  fileURLToPath(out),
  `{\n "tfjs": {\n  "version": ${JSON.stringify(version)},\n  "layers": {\n${rows.join(',\n')}\n  }\n }\n}\n`,
);
