import type { PeerMethod, Preset } from './preset.ts';
import { presets } from './presets.ts';

/** Presets without an option; the docs describe the options in words. */
const peers = presets.filter(({ name }) => !name.includes(':'));

/** The docs' table of methods and presets, in Markdown. It has a row for each method that a peer offers. */
export function methodMatrix(): string {
  const names = [...new Set(peers.flatMap(({ methods }) => Object.keys(methods)))];
  const header = ['method', ...peers.map(({ name }) => name)];
  const rows = names.map((name) => [
    `\`${name}\``,
    ...peers.map((preset) => describeCell(preset.methods[name])),
  ]);
  return writeTable([header, ...rows]);
}

/** The docs' table of the conventions of each preset, from the score to the picture, in Markdown. */
export function conventionMatrix(): string {
  const rows: [string, (preset: Preset) => string][] = [
    ['source', ({ source }) => source],
    ['score', ({ score }) => score],
    ['ReLUs in the backward pass', ({ tail }) => tail],
    ['from the raw to the displayed map', ({ display }) => display.map(describeStep).join(', ')],
    ['overlay', ({ overlay }) => describeOverlay(overlay)],
  ];
  const header = ['preset', ...rows.map(([title]) => title)];
  return writeTable([
    header,
    ...peers.map((preset) => [preset.name, ...rows.map(([, describe]) => describe(preset))]),
  ]);
}

function describeCell(method: PeerMethod | undefined): string {
  if (method === undefined) return 'not offered by this peer';
  if (!method.imitated) return `not imitated: ${method.reason}`;
  return method.note === undefined ? 'yes' : `yes: ${method.note}`;
}

function describeStep(step: Preset['display'][number]): string {
  switch (step.step) {
    case 'relu':
      return 'ReLU';
    case 'merge':
      return `${step.by} of channels`;
    case 'min-max':
      return `min-max (guard ${step.guard})`;
    case 'resize':
      return `resize ${step.kernel}`;
    default:
      return step.step;
  }
}

function describeOverlay(overlay: Preset['overlay']): string {
  const of = overlay.power === 2 ? 'of the square' : 'of the map';
  const stretched = overlay.stretch ? ', stretched' : '';
  const rescaled = overlay.rescale ? ', divided by the largest' : '';
  const mix = `${overlay.imageWeight} image + ${overlay.colourWeight} colour`;
  return `${overlay.colormap} ${of}${stretched}; ${mix}${rescaled}`;
}

function writeTable(rows: readonly (readonly string[])[]): string {
  const [header, ...body] = rows as [readonly string[], ...(readonly string[])[]];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...body.map(line)].join('\n');
}
