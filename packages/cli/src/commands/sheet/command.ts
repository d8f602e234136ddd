import { DEFAULT_TILE, guardWrite, writeSheets, writeWholeAmongOthers } from '@gradcam/runs';
import type { Command } from 'commander';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { softwareText } from '../../own-version.ts';
import { parseCount } from '../../flags/flag-values.ts';
import type { Finish } from '../finish.ts';
import { createTerminal } from '../../terminal/messages.ts';

export interface SheetFlags {
  readonly out?: string;
  readonly tile: string;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/**
 * The smallest and largest tile. Smaller pictures show nothing, and larger ones leave room for only a few on
 * a sheet.
 */
const TILE_RANGE = [64, 1024] as const;

/** Adds the command to the program. */
export function addSheet(program: Command, finish: Finish): void {
  program
    .command('sheet')
    .description('contact sheets of a run: its images, each with its maps beside it')
    .argument('<run>', 'run folder')
    .option('--out <file>', 'first sheet, a .png file; default: sheet.png in the run folder')
    .option('--tile <pixels>', 'longest side of each picture, 64..1024', String(DEFAULT_TILE))
    .option('--quiet', 'print nothing but the files and errors')
    .option('--debug', 'print stack traces of errors')
    .addHelpText(
      'after',
      `
Examples:
  gradcam sheet runs/first
  gradcam sheet runs/first --tile 384 --out sheets/first.png
`,
    )
    .action(async (run: string, flags: SheetFlags) => finish(await runSheet(run, flags)));
}

/** `gradcam sheet`: shows the pictures of a run side by side. */
export async function runSheet(run: string, flags: SheetFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const out = flags.out ?? path.join(run, 'sheet.png');
  if (path.extname(out).toLowerCase() !== '.png') {
    throw new CommandError(exitCodes.usage, `--out takes a name that ends in .png; got '${out}'`);
  }
  const [least, most] = TILE_RANGE;
  const tile = parseCount('--tile', flags.tile, { least, most });
  const parent = path.dirname(out);
  const write = (name: string, bytes: Uint8Array): Promise<void> => {
    const file = path.join(parent, name);
    return guardWrite(file, async () => {
      // The folder is created only now, so that a wrong name of a run leaves no folder behind.
      await mkdir(parent, { recursive: true });
      await writeWholeAmongOthers(file, (part) => part.writeFile(bytes));
    });
  };
  const request = { run, tile, name: path.basename(out), software: softwareText, write };
  for (const name of await writeSheets(request, terminal)) terminal.out(path.join(parent, name));
  return exitCodes.done;
}
