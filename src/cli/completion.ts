import { Argument } from 'commander'
import type { Command } from 'commander'

import type { CommandIo } from './io.ts'

/** Registers `stowage completion`. */
export function registerCompletion(program: Command, io: CommandIo): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  stowage completion bash > ~/.local/share/bash-completion/completions/stowage',
    )
    .action((shell: string) => {
      io.stdout.write(scriptFor(shell, program))
    })
}

/** The words that may follow the program, and the options of each command. */
function scriptFor(shell: string, program: Command): string {
  const commands = program.commands.map((command) => command.name())
  const options = (command: Command): string =>
    command.options.map((option) => option.long ?? option.short ?? '').join(' ')
  if (shell === 'fish') {
    const lines = program.commands.flatMap((command) => [
      `complete -c stowage -n __fish_use_subcommand -a ${command.name()} -d '${command.description()}'`,
      ...command.options.map(
        (option) =>
          `complete -c stowage -n '__fish_seen_subcommand_from ${command.name()}' -l ${(option.long ?? '').slice(2)} -d '${option.description.replaceAll("'", '')}'`,
      ),
    ])
    return `${lines.join('\n')}\n`
  }
  const cases = program.commands
    .map((command) => `    ${command.name()}) words="${options(command)}" ;;`)
    .join('\n')
  const bash = `_stowage() {
  local words="${commands.join(' ')}"
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}") $(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}") )
}
complete -o filenames -F _stowage stowage
`
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`
}
