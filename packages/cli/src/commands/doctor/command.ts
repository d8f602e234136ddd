import type { Command } from 'commander';
import type { EngineReport } from './check-engines.ts';
import type { Examination } from './examine.ts';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { createTerminal } from '../../terminal/messages.ts';
import { addSharedFlags } from '../../flags/shared-flags.ts';
import type { Finish } from '../finish.ts';

export interface DoctorFlags {
  readonly models?: string;
  readonly json?: boolean;
}

/** Adds the command to the program. */
export function addDoctor(program: Command, finish: Finish): void {
  const command = program
    .command('doctor')
    .description(
      'check what works on this machine: engines (with a self-test), image formats, folders',
    );
  addSharedFlags(command, ['models'])
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Each engine computes a net whose answers are known by hand. Exit code 69 where no
engine works or one gives wrong answers.

Examples:
  gradcam doctor
  gradcam doctor --json > machine.json
`,
    )
    .action(async (flags: DoctorFlags) => finish(await runDoctor(flags)));
}

/** `gradcam doctor`: examines the machine and changes nothing. */
export async function runDoctor(flags: DoctorFlags): Promise<ExitCode> {
  const terminal = createTerminal({});
  // Imported only here, because this module loads the image decoder.
  const { examine } = await import('./examine.ts');
  const found = await examine(flags.models, createTerminal({ quiet: true }));
  if (flags.json) terminal.out(JSON.stringify(found));
  else for (const line of describe(found)) terminal.out(line);
  const faults = listFaults(found);
  for (const fault of faults) terminal.warn(fault);
  return faults.length === 0 ? exitCodes.done : exitCodes.engineUnavailable;
}

/** The problems that keep the command from working as documented. */
function listFaults({ engines }: Examination): string[] {
  const wrong = engines.filter(({ state }) => state === 'wrong');
  const faults = wrong.map(
    ({ name, reason }) => `engine ${name} computes wrong results: ${reason}; use another engine`,
  );
  const canRun = engines.some(({ state }) => state === 'right');
  if (!canRun) faults.push('no engine works on this machine; the reasons are listed above');
  return faults;
}

function describe(found: Examination): string[] {
  const { versions, engines, chromium, modelFolders, cache } = found;
  const rows: [string, string][] = [
    ['gradcam', versions['gradcam']!],
    ['node', `${versions['node']} on ${found.platform}`],
    ['cpu', `${found.cpu}, ${found.threads} threads, ${toGigabytes(found.memoryBytes)} GB`],
    ...engines.map((engine): [string, string] => [`engine ${engine.name}`, describeEngine(engine)]),
    ['ONNX Runtime', describeProviders(found.onnxProviders)],
    ['images', `${found.imageFormats.join(', ')} by sharp ${versions['sharp']}`],
    [
      'Chromium',
      chromium === null ? 'none found' : `${chromium.version ?? 'no version'} at ${chromium.file}`,
    ],
    ...modelFolders.map(({ folder, exists, writable, models }): [string, string] => [
      'models',
      `${folder}: ${exists ? models.join(', ') || 'empty' : 'does not exist'}${mayWrite(writable)}`,
    ]),
    [
      'downloads',
      `${cache.folder}: ${(cache.bytes / 1e6).toFixed(1)} MB${mayWrite(cache.writable)}`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function describeProviders(names: readonly string[]): string {
  if (names.length === 0) return 'does not load';
  return `this build supports ${names.join(', ')}, if the device and its libraries are installed`;
}

function describeEngine({ state, runtime, ms, reason }: EngineReport): string {
  if (state === 'right') return `${runtime}: self-test passed, ${ms} ms`;
  return state === 'wrong' ? `${runtime}: FAILED, ${reason}` : `not available: ${reason}`;
}

function mayWrite(writable: boolean): string {
  return writable ? '' : ', not writable';
}

function toGigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
