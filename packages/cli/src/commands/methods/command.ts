import {
  foreignRuntime,
  loadModel,
  methods,
  reportCapabilities,
  resolveLayer,
  type Method,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import type { Command } from 'commander';
import { countRuns, type Cost, type RunCount } from '../../costs/count-runs.ts';
import { estimate, formatDuration } from '../../costs/estimate.ts';
import { measure, type Timings } from '../../costs/measure.ts';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { openInputs, parseInputs } from '../../models/further-inputs.ts';
import { shapesOf } from '../../models/model-flags.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { openForeignEngine } from '../../models/open-foreign-engine.ts';
import { engineNames, openEngine } from '../../models/open-engine.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import type { Finish } from '../finish.ts';

export interface MethodsFlags {
  readonly model?: string;
  readonly models?: string;
  readonly inputSize?: string;
  readonly input: readonly string[];
  readonly explainInput?: string;
  readonly layer: string;
  readonly engine: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Adds the command to the program. */
export function addMethods(program: Command, finish: Finish): void {
  const command = program
    .command('methods')
    .description('list the methods; with --model also what each costs on that model')
    .option(
      '--model <dir|id>',
      "folder, JSON, web address or id of a model: counts each method's passes and times one",
    );
  addSharedFlags(command, ['models', 'inputSize', 'input', 'explainInput'])
    .option('--layer <name>', 'layer to explain', 'auto')
    .option('--engine <name>', engineNames.join(', '), 'auto')
    .option('--json', 'print one JSON list')
    .option('--debug', 'print what was chosen and why, and stack traces of errors')
    .addHelpText(
      'after',
      `
Times are of one image and one target: counted runs times the time of one, measured here.

Examples:
  gradcam methods
  gradcam methods --model demo-resnet --layer block2
`,
    )
    .action(async (flags: MethodsFlags) => finish(await runMethodsCommand(flags)));
}

interface MethodRow {
  readonly method: Method;
  readonly cost: Cost | null;
  /** Estimated time in milliseconds. */
  readonly ms: number | null;
}

/** `gradcam methods`: lists the methods and estimates what they cost on a model. */
export async function runMethodsCommand(flags: MethodsFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const rows =
    flags.model === undefined
      ? methods.map((method) => ({ method, cost: null, ms: null }))
      : await costOnModel(await resolveModel(flags.model, flags.models, terminal), flags, terminal);
  if (flags.json) terminal.out(JSON.stringify(rows.map(toJson)));
  else for (const line of formatTable(rows)) terminal.out(line);
  return exitCodes.done;
}

/** A few rounds are enough for an estimate; `gradcam bench` measures precisely. */
const ROUNDS = 3;

async function costOnModel(
  folder: string,
  flags: MethodsFlags,
  terminal: Terminal,
): Promise<MethodRow[]> {
  const files = openModelFolder(folder);
  const given = parseInputs(flags.input);
  const described = await describeAnyModel(files, shapesOf(flags));
  const opened = await openInputs(files, described, shapesOf(flags), given);
  const { model: description, overrides: stated, others } = opened;
  const { layer } = resolveLayer(description, flags.layer);
  const counted = [];
  const runtime = foreignRuntime(description.network);
  // A model that runs only on tfjs may have no gradients. The engine that only counts passes cannot know
  // that, so the report is asked.
  const reports = runtime === null ? [] : reportCapabilities(description, layer).methods;
  for (const method of methods) {
    const found = reports.find((one) => one.method === method.name);
    const cost: Cost =
      found === undefined || found.possible
        ? await countRuns(description, method.name, layer, others.values)
        : { kind: 'unsupported', reason: found.reason };
    counted.push({ method, cost });
  }
  const engine =
    runtime === null
      ? await openEngine(flags.engine, terminal)
      : await openForeignEngine(runtime, flags.engine, terminal);
  const model = await loadModel(openModelFolder(folder), { engine, ...stated });
  let timings: Timings;
  try {
    timings = await measure(model, layer, ROUNDS, others.values);
  } finally {
    model.dispose();
  }
  terminal.note(
    `${description.id} at ${layer} on ${engine.name}: a forward pass takes ${formatDuration(timings.forward)}`,
  );
  return counted.map(({ method, cost }) => ({
    method,
    cost,
    ms: cost.kind === 'runs' ? estimate(cost.count, timings) : null,
  }));
}

function toJson({ method, cost, ms }: MethodRow): object {
  const { name, aliases = [], title, map, passes, summary, paper } = method;
  const kind = passes === 'own' ? 'runs' : map;
  return {
    ...{ name, aliases, title, kind, summary, paper, cost: method.cost },
    ...(cost === null ? {} : cost.kind === 'runs' ? { runs: cost.count, ms } : { ...cost }),
  };
}

function formatTable(rows: readonly MethodRow[]): string[] {
  const width = Math.max(...rows.map(({ method }) => method.name.length));
  return rows.map((row) => `${row.method.name.padEnd(width)}  ${describeCost(row)}`);
}

function describeCost({ method, cost, ms }: MethodRow): string {
  if (cost === null) return `${method.summary} Costs ${method.cost}.`;
  if (cost.kind === 'unsupported') return `not available: ${cost.reason}`;
  return `${describeCount(cost.count)}, about ${formatDuration(ms ?? 0)}`;
}

function describeCount({ forwards, toLayer, toInput, tails }: RunCount): string {
  const parts = [
    [forwards, 'forward'],
    [toLayer, 'backward to the layer'],
    [toInput, 'backward to the image'],
    [tails, 'from the layer to the scores'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}
