import { Command, CommanderError } from 'commander';
import { addBench } from './commands/bench.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctor } from './commands/doctor.ts';
import type { Finish } from './commands/finish.ts';
import { addMethods } from './commands/methods.ts';
import { addSheet } from './commands/sheet.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { ownVersion } from './own-version.ts';
import { addConvert } from './program/convert.ts';
import { addExplain } from './program/explain.ts';
import { addExport } from './program/export.ts';
import { addFetch } from './program/fetch.ts';
import { addInspect } from './program/inspect.ts';
import { addModels } from './program/models.ts';
import { addView } from './program/view.ts';

/** Runs the command line and returns the code to exit with; errors of the work itself are thrown. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram((result) => (code = result));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are what was asked for; every other refusal of commander is wrong usage.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  return code;
}

/**
 * All commands with their flags.
 *
 * @param finish takes the exit code of the command that ran.
 */
export function createProgram(finish: Finish): Command {
  const program = new Command('gradcam')
    .description('Shows where an image classifier saw what it says: Grad-CAM for tfjs models.')
    .version(ownVersion)
    .exitOverride()
    .showHelpAfterError('(gradcam --help shows the commands)');
  addExplain(program, finish);
  addExport(program, finish);
  addModels(program, finish);
  addFetch(program, finish);
  addConvert(program, finish);
  addInspect(program, finish);
  addView(program, finish);
  addSheet(program, finish);
  addMethods(program, finish);
  addBench(program, finish);
  addDoctor(program, finish);
  addCompletion(program, finish);
  // Subcommands do not inherit the override that is set after they are added.
  for (const command of program.commands) command.exitOverride();
  return program;
}
