import type { Command } from 'commander';
import { writeBashScript } from './bash-script.ts';
import { writeFishScript } from './fish-script.ts';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { choose } from '../../flags/choose.ts';
import { createTerminal } from '../../terminal/messages.ts';
import type { Finish } from '../finish.ts';

/** Shells that a script can be written for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/**
 * Adds the command to the program. The script covers all commands that the program has when it is written.
 */
export function addCompletion(program: Command, finish: Finish): void {
  program
    .command('completion')
    .description('print a script that completes commands, flags, methods and models in a shell')
    .argument('<shell>', shells.join(', '))
    .addHelpText(
      'after',
      `
Examples:
  source <(gradcam completion bash)   # in ~/.bashrc
  source <(gradcam completion zsh)    # in ~/.zshrc, after compinit
  gradcam completion fish | source    # in ~/.config/fish/config.fish
`,
    )
    .action((shell: string) => finish(runCompletion(shell, program)));
}

/** `gradcam completion`: prints the script to stdout. */
function runCompletion(shell: string, program: Command): ExitCode {
  const name = choose('completion', shell, shells);
  createTerminal({}).out(writeScript(name, program).trimEnd());
  return exitCodes.done;
}

function writeScript(shell: (typeof shells)[number], program: Command): string {
  if (shell === 'fish') return writeFishScript(program);
  const script = writeBashScript(program);
  // After this line zsh understands completions that are written for bash.
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script;
}
