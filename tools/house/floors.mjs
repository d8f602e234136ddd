/**
 * The floors of a package's `src`, listed from the ground up. A wing is a folder, or a file that stands
 * alone, and may import only wings on lower floors. A file belongs to the wing with the longest name with
 * which the file's path begins.
 *
 * @typedef {readonly (readonly string[])[]} Floors
 */

/** @type {Floors} */
export const coreFloors = [
  ['base'],
  ['artifact', 'run'],
  ['network'],
  ['network/derive'],
  ['readers'],
  ['image'],
  ['image/colormaps', 'image/localise'],
  ['image/render'],
  ['engines/port'],
  ['engines/onnx', 'engines/tfjs'],
  ['engines/tfjs-layers', 'engines/graph-model'],
  ['targets'],
  ['methods'],
  ['presets', 'evidence'],
  ['model'],
  ['explain', 'export'],
  ['index.ts', 'node', 'browser'],
];

/**
 * The modules that make something from an image or from a whole run share one floor, and only `run` imports
 * several of them.
 *
 * @type {Floors}
 */
export const runsFloors = [
  ['run-error.ts', 'drop-undefined.ts'],
  ['images'],
  ['files'],
  ['evidence', 'paint'],
  ['annotations', 'explain', 'figure', 'parts', 'sheet', 'sweep'],
  ['run'],
  ['index.ts'],
];

/**
 * The folders of `packages/service/src`, lowest first: HTTP and the fleet do not know each other.
 *
 * @type {Floors}
 */
export const serviceFloors = [['http', 'fleet']];

/**
 * The floors of the command. Commands share one floor, so no command imports another.
 *
 * @type {Floors}
 */
export const cliFloors = [
  ['exit-codes.ts', 'own-version.ts'],
  ['classify-run-error.ts', 'versions.ts', 'flags', 'terminal'],
  ['classify-error.ts', 'inputs', 'metrics'],
  ['models'],
  ['conversion', 'model-thread'],
  ['costs'],
  ['commands'],
  [
    ...[
      'bench',
      'completion',
      'convert',
      'describe',
      'doctor',
      'evaluate',
      'explain',
      'export',
      'fetch',
    ],
    ...['inspect', 'methods', 'models', 'serve', 'sheet', 'status', 'view', 'worker'],
  ].map((name) => `commands/${name}`),
  ['program.ts'],
  ['command-line.ts'],
  ['index.ts', 'main.ts'],
];

/**
 * The wing of a file; null for a file that is on no floor.
 *
 * @param {Floors} floors
 * @param {string} file relative to `src`.
 * @returns {string | null}
 */
export function wingOf(floors, file) {
  const wings = floors.flat().filter((wing) => file === wing || file.startsWith(`${wing}/`));
  return wings.sort((a, b) => b.length - a.length)[0] ?? null;
}

/**
 * Says what is wrong with an import between two files of a package. The result is null if the import leads to
 * a lower floor or stays in its wing.
 *
 * @param {Floors} floors
 * @param {string} from relative to `src`.
 * @param {string} to
 * @returns {string | null}
 */
export function faultOf(floors, from, to) {
  const [upper, lower] = [wingOf(floors, from), wingOf(floors, to)];
  if (upper === null || lower === null) {
    return `${upper === null ? from : to} is in no wing: give its folder a floor in tools/house/floors.mjs`;
  }
  /** @param {string} wing */
  const levelOf = (wing) => floors.findIndex((wings) => wings.includes(wing));
  if (upper === lower || levelOf(lower) < levelOf(upper)) return null;
  return `${upper} must not import ${lower}, which is not below it (tools/house/floors.mjs)`;
}
