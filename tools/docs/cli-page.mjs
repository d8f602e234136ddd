// @ts-check
/**
 * The text of docs/cli.md: all commands with their flags, read from the program itself, and all methods from
 * the registry.
 */
import { format } from 'prettier';

/**
 * @typedef {{ name: string, aliases?: readonly string[], title: string, summary:
 * string, paper: string, cost: string }} Method
 */

const HEAD = `# The command

Written by \`tools/docs/write-cli-page.mjs\` from the program; a test compares the two. In a clone,
\`npx gradcam <command>\`.

Results go to stdout, messages and progress to stderr. Exit codes: 0 done, 1 some images failed, 64 wrong
usage, 65 broken model or data, 66 no such input, 69 engine unavailable, 70 a fault of the program, 73 and
74 cannot write, 75 download failed, 130 and 143 interrupted.
`;

const PICTURES = `## What explain writes

| \`--save\`           | file                                                                                                                    |
| ------------------ | ----------------------------------------------------------------------------------------------------------------------- |
| \`overlay\`          | the map over the image: \`--overlay blend\` in one opacity, \`alpha\` by value, \`contour\` as lines at 25, 50 and 75 %        |
| \`heatmap\`          | the map in its colours; transparent where the model did not see the image                                               |
| \`raw\`              | \`.npy\`: the map at its own resolution, before the ReLU, signed, not normalised                                          |
| \`display\`          | \`.npy\`: the map in the image's size, as it is coloured                                                                  |
| \`boxes\`            | \`annotations.coco.json\` of the whole run: boxes, areas, scores (probabilities), masks as compressed run lengths         |
| \`masks\`            | a grey PNG each, 255 for the part of the map that \`--box\` chooses   |
| \`--sheet\`          | \`sheet.png\`, \`sheet-2.png\`, ..: every image with its maps beside it, at most 20 sheets                                  |
| \`--figure\`         | \`figure--<layer>.png\` for each image: image, Grad-CAM, guided backpropagation and Guided Grad-CAM, a row for each target |
| \`--sweep\`          | an animated WebP for each image, target and method at a layer: the map from the first layer to the last, at most 24     |

A map at the pixels of the input is drawn in its own colours on gray, in overlays too, where it stands in the place of
the image; full colour is the 99.5th percentile of its magnitudes, which line and legend state. \`--gradients signed\` and
\`magnitude\` draw it in one channel. \`--colormap diverging\` shows the signed map: red speaks for the class, blue against
it; of a map at pixels the sum over the colour channels. With \`--like\`, colours and overlays are the peer's. In the
annotations, categories are what was explained, with the class's index as \`class_index\`; \`not:\` targets and contrasts are categories
of their own. Every PNG carries \`Software\`, \`Method\`, \`Layer\`, \`Target\`, \`Score\`, \`Model\` and
\`Model-SHA256\` as texts.
`;

/**
 * @param {import('commander').Command} program
 * @param {readonly Method[]} methods
 * @returns {Promise<string>}
 */
export async function formatCliPage(program, methods) {
  const text = [
    HEAD,
    ...program.commands.map(describeCommand),
    PICTURES,
    describeMethods(methods),
  ].join('\n');
  return format(text, { parser: 'markdown', printWidth: 100 });
}

/** @param {import('commander').Command} command */
function describeCommand(command) {
  const { options } = command;
  const rows = options.map((option) => {
    const { flags, description, defaultValue, defaultValueDescription, mandatory } = option;
    const fallback = mandatory
      ? 'required'
      : describeDefault(defaultValueDescription ?? defaultValue);
    const name = flags.replaceAll('|', '\\|');
    return `| \`${name}\` | ${escapeCell(description)} | ${fallback} |`;
  });
  const table = ['| flag | what | default |', '| --- | --- | --- |', ...rows].join('\n');
  const args = command.registeredArguments.map(
    (argument) => `- \`${argument.name()}\`: ${argument.description}`,
  );
  return [
    `## gradcam ${command.name()}\n`,
    `${escapeCell(command.description())}\n`,
    `\`\`\`\ngradcam ${command.name()} ${command.usage()}\n\`\`\`\n`,
    args.join('\n') + '\n',
    rows.length === 0 ? '' : `${table}\n`,
    describeAfter(command),
  ].join('\n');
}

/** The text after the flags, with the examples as code. @param {import('commander').Command} command */
function describeAfter(command) {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const after = help.slice(help.indexOf('display help for command') + 24).trim();
  const [prose = '', examples = ''] = after.split('Examples:\n');
  const lines = examples.replaceAll(/^ {2}/gm, '').trimEnd().split('\n');
  /** @type {Map<string | null, string[]>} the lines by the reason why they are not run */
  const blocks = new Map([[null, []]]);
  for (const line of lines) {
    const reason = unrun.find(({ lines }) => lines.test(line))?.reason ?? null;
    blocks.set(reason, [...(blocks.get(reason) ?? []), line]);
  }
  const written = [...blocks].filter(([, own]) => own.length > 0).map(writeBlock);
  return `${[prose.trim(), ...written].join('\n\n')}\n`;
}

/** @param {[string | null, string[]]} block */
function writeBlock([reason, lines]) {
  const above = reason === null ? '' : `<!-- not run: ${reason} -->\n\n`;
  return `${above}\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
}

/** Example lines that tools/verify/run-docs.mjs cannot run, and why. It runs all others. */
const unrun = [
  {
    lines: / --queue |^gradcam (work|status) /,
    reason: 'it needs a server for the queue; packages/cli/test/fleet runs these commands with one',
  },
  {
    lines: / --host 0\.0\.0\.0 /,
    reason: 'it listens on all addresses of the machine; packages/cli/test/serve has the token',
  },
  {
    lines: /^gradcam fetch (?!demo-)/,
    reason:
      'the network, and files of up to 553 MB; packages/converter/test/node has the downloads',
  },
  {
    lines: /^gradcam convert .*vgg16/,
    reason: 'a file of 553 MB; packages/converter/test/convert.test.ts converts a narrow VGG',
  },
  {
    lines: /gradcam completion /,
    reason:
      'the lines belong in the startup files of three shells; packages/cli/test/completion.test.ts has bash',
  },
];

/** @param {unknown} value */
function describeDefault(value) {
  if (value === undefined || value === true || value === false) return '';
  return `\`${value}\``;
}

/** @param {readonly Method[]} methods */
function describeMethods(methods) {
  const rows = methods.map(({ name, aliases = [], title, summary, cost, paper }) => {
    const names = [name, ...aliases].map((one) => `\`${one}\``).join(', ');
    const cells = [names, `[${title}](${paper})`, summary, cost].map(escapeCell);
    return `| ${cells.join(' | ')} |`;
  });
  const table = ['| `--method` | paper | what it shows | cost |', '| --- | --- | --- | --- |'];
  return `## Methods\n\n\`gradcam methods --model <model>\` counts and times them on a net.\n\n${[...table, ...rows].join('\n')}\n`;
}

/** @param {string} text */
function escapeCell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<');
}
