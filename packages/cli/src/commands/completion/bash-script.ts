import type { Command } from 'commander';
import { completeArgument, completeFlag, listFlags, type Completion } from './completable.ts';

/**
 * Writes a bash script that completes the commands of the program, their flags and the flags' values. The
 * script looks for models when the user presses Tab, in the same folders as the program itself.
 */
export function writeBashScript(program: Command): string {
  const names = program.commands.map((command) => command.name());
  return `# bash completion for gradcam; load it with: source <(gradcam completion bash)
_gradcam_models() {
  local folder
  for folder in "$GRADCAM_MODELS" models "\${XDG_CACHE_HOME:-$HOME/.cache}/gradcam/models"; do
    [[ -n $folder ]] || continue
    local file
    for file in "$folder"/*/model.json; do
      [[ -e $file ]] || continue
      file=\${file%/model.json}
      printf '%s\\n' "\${file##*/}"
    done
  done
}

# The last of several names with commas between.
_gradcam_list() {
  local head='' tail=$2
  if [[ $2 == *,* ]]; then head=\${2%,*},; tail=\${2##*,}; fi
  COMPREPLY=($(compgen -P "$head" -W "$1" -- "$tail"))
}

_gradcam() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' word
  COMPREPLY=()
  # bash parts --flag=value at the sign.
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${names.join('|')}) command=$word; break ;; esac
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "${names.join(' ')} --help --version" -- "$cur"))
    return
  fi
  case $command:$prev in
${program.commands.flatMap((command) => flagCases(command)).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${program.commands.map((command) => `      ${command.name()}) COMPREPLY=($(compgen -W "${flagNames(command)}" -- "$cur")) ;;`).join('\n')}
    esac
    return
  fi
  case $command in
${program.commands.map((command) => `    ${command.name()}) ${reply(completeArgument(command))} ;;`).join('\n')}
  esac
}
complete -o filenames -F _gradcam gradcam
`;
}

function flagNames(command: Command): string {
  return listFlags(command)
    .map(({ long }) => long)
    .join(' ');
}

/** The cases of the shell script that complete the value of each flag that takes one. */
function flagCases(command: Command): string[] {
  return listFlags(command).flatMap((option) => {
    const completion = completeFlag(command, option);
    if (completion === null) return [];
    return [`    ${command.name()}:${option.long}) ${reply(completion)}; return ;;`];
  });
}

function reply(completion: Completion): string {
  switch (completion.kind) {
    case 'words': {
      const all = completion.words.join(' ');
      return completion.isList
        ? `_gradcam_list "${all}" "$cur"`
        : `COMPREPLY=($(compgen -W "${all}" -- "$cur"))`;
    }
    case 'models':
      return `COMPREPLY=($(compgen -W "${completion.words.join(' ')} $(_gradcam_models)" -- "$cur" | sort -u) $(compgen -d -- "$cur"))`;
    case 'folders':
      return 'COMPREPLY=($(compgen -d -- "$cur"))';
    case 'files':
      return 'COMPREPLY=($(compgen -f -- "$cur"))';
    case 'free':
      return ':';
  }
}
