import { Command, CommanderError } from 'commander';
import { addBench } from './commands/bench/command.ts';
import { addCompletion } from './commands/completion/command.ts';
import { addDoctor } from './commands/doctor/command.ts';
import type { Finish } from './commands/finish.ts';
import { addMethods } from './commands/methods/command.ts';
import { addSheet } from './commands/sheet/command.ts';
import { CommandError, exitCodes, type ExitCode } from './exit-codes.ts';
import { ownVersion } from './own-version.ts';
import { addConvert } from './commands/convert/command.ts';
import { addEvaluate } from './commands/evaluate/command.ts';
import { addExplain } from './commands/explain/command.ts';
import { addExport } from './commands/export/command.ts';
import { addFetch } from './commands/fetch/command.ts';
import { addDescribe } from './commands/describe/command.ts';
import { addInspect } from './commands/inspect/command.ts';
import { addModels } from './commands/models/command.ts';
import { addServe } from './commands/serve/command.ts';
import { addStatus } from './commands/status/command.ts';
import { addView } from './commands/view/command.ts';
import { addWork } from './commands/worker/command.ts';

/** Runs the command line and returns the exit code. Errors of the work itself are thrown. */
export async function runProgram(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram((result) => (code = result));
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander also throws for help and version, with exit code 0. Every other error of commander is wrong
    // usage.
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
    .description(
      'Shows which parts of an image made a classifier answer as it did: Grad-CAM and related methods for TensorFlow.js and ONNX models.',
    )
    .version(ownVersion)
    .exitOverride()
    .showHelpAfterError('(gradcam --help shows the commands)');
  addExplain(program, finish);
  addEvaluate(program, finish);
  addExport(program, finish);
  addModels(program, finish);
  addFetch(program, finish);
  addConvert(program, finish);
  addInspect(program, finish);
  addDescribe(program, finish);
  addView(program, finish);
  addServe(program, finish);
  addWork(program, finish);
  addStatus(program, finish);
  addSheet(program, finish);
  addMethods(program, finish);
  addBench(program, finish);
  addDoctor(program, finish);
  addCompletion(program, finish);
  program.hook('preAction', (_, command) => refuseEmpty(command));
  for (const command of program.commands) {
    // Subcommands do not inherit settings that are made after they were added, and each needs its own hint.
    command.exitOverride();
    command.showHelpAfterError(`(gradcam ${command.name()} --help shows what it takes)`);
  }
  return program;
}

/**
 * Refuses an empty value, which usually comes from a shell variable that is not set. As a folder it would
 * mean the current directory.
 *
 * @throws CommandError 64.
 */
function refuseEmpty(command: Command): void {
  const { long } = command.options.find(
    (option) => command.getOptionValue(option.attributeName()) === '',
  ) ?? { long: null };
  const empty = long ?? (command.args.includes('') ? 'an argument' : null);
  if (empty === null) return;
  throw new CommandError(
    exitCodes.usage,
    `${empty} is empty: '' (is a variable of the shell not set?)`,
  );
}
