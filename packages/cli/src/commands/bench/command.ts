import {
  describeModel,
  loadModel,
  resolveLayer,
  type ModelDescription,
  type ModelOverrides,
  type NdArray,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import type { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { formatDuration } from '../../costs/estimate.ts';
import { measure, type Timings } from '../../costs/measure.ts';
import { classifyError } from '../../classify-error.ts';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { parseCount, splitList } from '../../flags/flag-values.ts';
import { openInputs, parseInputs } from '../../models/further-inputs.ts';
import { shapesOf } from '../../models/model-flags.ts';
import { checkEngine } from '../../models/check-capabilities.ts';
import { runOnnxValues } from '../../models/run-onnx-values.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { engineNames, openEngine } from '../../models/open-engine.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import type { Finish } from '../finish.ts';

export interface BenchFlags {
  readonly model: string;
  readonly models?: string;
  readonly inputSize?: string;
  readonly input: readonly string[];
  readonly explainInput?: string;
  readonly layer: string;
  readonly engine: string;
  readonly rounds: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Adds the command to the program. */
export function addBench(program: Command, finish: Finish): void {
  const command = program
    .command('bench')
    .description(
      'measure how long a forward pass, Grad-CAM and guided backprop take on this machine',
    )
    .requiredOption(
      '--model <dir|id>',
      'tfjs LayersModel: its folder, its JSON, its web address, or an id',
    );
  addSharedFlags(command, ['models', 'inputSize', 'input', 'explainInput'])
    .option('--layer <name>', 'layer at which Grad-CAM is computed', 'auto')
    .option(
      '--engine <names>',
      `one or more, separated by commas: ${engineNames.join(', ')}`,
      'onnx,wasm',
    )
    .option('--rounds <number>', 'how often each is run; the median is reported', '9')
    .option('--json', 'print one JSON object')
    .option('--debug', 'print what was chosen and why, and stack traces of errors')
    .addHelpText(
      'after',
      `
One image, batch 1. The rounds go over all three in turn, after one that does not count; ratios are
to the forward run of the same engine.

Examples:
  gradcam bench --model demo-resnet
  gradcam bench --model ./my-model --engine onnx --rounds 25 --json
`,
    )
    .action(async (flags: BenchFlags) => finish(await runBench(flags)));
}

interface BenchRow {
  readonly engine: string;
  /** Time to read the weights and prepare the engine, in milliseconds. */
  readonly open: number;
  readonly timings: Timings;
}

/** `gradcam bench`: measures one model on the engines of this machine. */
export async function runBench(flags: BenchFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const rounds = parseCount('--rounds', flags.rounds);
  const folder = await resolveModel(flags.model, flags.models, terminal);
  const files = openModelFolder(folder);
  const given = parseInputs(flags.input);
  const described = await describeModel(files, shapesOf(flags), undefined, runOnnxValues);
  const opened = await openInputs(files, described, shapesOf(flags), given);
  const { model: description, overrides: stated, others } = opened;
  const { id, input } = description;
  const { layer } = resolveLayer(description, flags.layer);
  const rows: BenchRow[] = [];
  const names = splitList('--engine', flags.engine);
  for (const name of names) {
    const request = { description, folder, stated, others: others.values, layer, rounds };
    const row = await benchEngine(name, request, names.length === 1, terminal);
    if (row !== null) rows.push(row);
  }
  const size = [input.height, input.width];
  if (flags.json) {
    const threads = availableParallelism();
    const engines = rows.map((row) => ({ ...row, ratios: toRatios(row.timings) }));
    terminal.out(JSON.stringify({ model: id, layer, size, rounds, threads, engines }));
  } else {
    terminal.out(`${id}, ${size.join('x')}, at ${layer}; median of ${rounds} rounds`);
    for (const line of formatRows(rows)) terminal.out(line);
  }
  return rows.length === names.length ? exitCodes.done : exitCodes.engineUnavailable;
}

interface BenchRequest {
  readonly description: ModelDescription;
  readonly folder: string;
  readonly stated: ModelOverrides;
  /** Values for the model's further inputs. */
  readonly others: Readonly<Record<string, NdArray>>;
  readonly layer: string;
  readonly rounds: number;
}

/**
 * Measures one engine. If it is not installed here, a message names it and the other engines are measured. If
 * it is the only one asked for, the command ends with an error.
 */
async function benchEngine(
  name: string,
  { description, folder, stated, others, layer, rounds }: BenchRequest,
  isOnly: boolean,
  terminal: Terminal,
): Promise<BenchRow | null> {
  try {
    checkEngine(description, name);
    const start = performance.now();
    const engine = await openEngine(name, terminal);
    const model = await loadModel(openModelFolder(folder), { engine, ...stated });
    const open = performance.now() - start;
    try {
      return { engine: engine.name, open, timings: await measure(model, layer, rounds, others) };
    } finally {
      model.dispose();
    }
  } catch (error) {
    if (isOnly || classifyError(error) !== exitCodes.engineUnavailable) throw error;
    terminal.warn((error as Error).message);
    return null;
  }
}

function toRatios({ forward, gradCam, guidedBackprop }: Timings): Record<string, number> {
  return { gradCam: gradCam / forward, guidedBackprop: guidedBackprop / forward };
}

function formatRows(rows: readonly BenchRow[]): string[] {
  const table = [
    ['engine', 'open', 'forward', 'Grad-CAM', 'guided backprop'],
    ...rows.map(({ engine, open, timings }) => {
      const { forward, gradCam, guidedBackprop } = timings;
      const beside = (ms: number): string =>
        `${formatDuration(ms)} (${(ms / forward).toFixed(2)} x)`;
      return [
        engine,
        formatDuration(open),
        formatDuration(forward),
        beside(gradCam),
        beside(guidedBackprop),
      ];
    }),
  ];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
