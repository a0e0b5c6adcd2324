import { Argument } from 'commander'
import type { Command, Option } from 'commander'

import type { CommandIo } from './io.ts'

/** Registers `stowage completion`. */
export function registerCompletion(program: Command, io: CommandIo): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  stowage completion bash > ~/.local/share/bash-completion/completions/stowage',
    )
    .action((shell: string) => {
      io.stdout.write(scriptFor(shell, program))
    })
}

/** What may follow the program, each command, and each option that takes one of some words. */
function scriptFor(shell: string, program: Command): string {
  if (shell === 'fish') return fishScript(program)
  const bash = bashScript(program)
  return shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`
}

/** The options of a command and of the commands below it, each once. */
function optionsOf(command: Command): readonly Option[] {
  const all = [command, ...command.commands].flatMap((one) => one.options)
  return [...new Map(all.map((option) => [option.long, option])).values()]
}

/** The words that may follow a command besides options: commands below it, or the words of its arguments. */
function wordsOf(command: Command): readonly string[] {
  return [
    ...command.commands.map((one) => one.name()),
    ...command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  ]
}

function bashScript(program: Command): string {
  const commands = program.commands.map((command) => command.name())
  const choices = new Map<string, Set<string>>()
  for (const { long, argChoices } of program.commands.flatMap(optionsOf)) {
    if (argChoices !== undefined) choices.set(long ?? '', choices.get(long ?? '') ?? new Set())
    for (const word of argChoices ?? []) choices.get(long ?? '')?.add(word)
  }
  const valueCases = [...choices].map(([long, words]) => `    ${long}) words="${[...words].join(' ')}" ;;`)
  const commandCases = program.commands.map((command) => {
    const words = [...wordsOf(command), ...optionsOf(command).map((option) => option.long ?? '')]
    return `    ${command.name()}) words="${words.join(' ')}" ;;`
  })
  return `_stowage() {
  local words="${commands.join(' ')}"
  [ "$COMP_CWORD" -gt 1 ] && case "\${COMP_WORDS[1]}" in
${commandCases.join('\n')}
  esac
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases.join('\n')}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}") $(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}") )
}
complete -o filenames -F _stowage stowage
`
}

function fishScript(program: Command): string {
  const quoted = (text: string): string => text.replaceAll("'", '')
  const lines = program.commands.flatMap((command) => {
    const isGiven = `-n '__fish_seen_subcommand_from ${command.name()}'`
    return [
      `complete -c stowage -n __fish_use_subcommand -a ${command.name()} -d '${quoted(command.description())}'`,
      ...wordsOf(command).map((word) => `complete -c stowage ${isGiven} -a ${word}`),
      ...optionsOf(command).map((option) => {
        const words = option.argChoices === undefined ? '' : ` -x -a '${option.argChoices.join(' ')}'`
        return `complete -c stowage ${isGiven} -l ${(option.long ?? '').slice(2)}${words} -d '${quoted(option.description)}'`
      }),
    ]
  })
  return `${lines.join('\n')}\n`
}
