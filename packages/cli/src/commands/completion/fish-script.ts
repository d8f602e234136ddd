import type { Command } from 'commander';
import { completeArgument, completeFlag, listFlags, type Completion } from './completable.ts';

/** Does for fish what {@link writeBashScript} does for bash. */
export function writeFishScript(program: Command): string {
  const lines = program.commands.flatMap((command) => {
    const name = command.name();
    const isHere = `-n '__fish_seen_subcommand_from ${name}'`;
    const flags = listFlags(command).map((option) => {
      const completion = completeFlag(command, option);
      const values = completion === null ? '' : ` -r ${offer(completion)}`;
      return `complete -c gradcam ${isHere} -l ${option.long!.slice(2)}${values} -d ${quote(option.description)}`;
    });
    return [
      `complete -c gradcam -f -n __fish_use_subcommand -a ${name} -d ${quote(command.description())}`,
      `complete -c gradcam ${isHere} ${offer(completeArgument(command))}`,
      ...flags,
    ];
  });
  return `# fish completion for gradcam; load it with: gradcam completion fish | source
function __gradcam_models
  for folder in $GRADCAM_MODELS models (set -q XDG_CACHE_HOME; and echo $XDG_CACHE_HOME; or echo ~/.cache)/gradcam/models
    for file in $folder/*/model.json
      basename (dirname $file)
    end
  end
end

${lines.join('\n')}
`;
}

function offer(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return completion.isList
        ? `-f -a "(__fish_append , ${completion.words.join(' ')})"`
        : `-f -a ${quote(completion.words.join(' '))}`;
    case 'models':
      return `-a "${completion.words.join(' ')} (__gradcam_models)"`;
    case 'folders':
      return '-f -a "(__fish_complete_directories)"';
    case 'files':
      return '-F';
    case 'free':
      return '-f';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
