import { runCommandLine } from '../src/cli/command-line.ts'

/** A block of a page: a command after `$ `, and what it prints. */
const CONSOLE = /```console\n\$ stowage ([^\n]*)\n[\s\S]*?```/g

/** A line that says how far a command is, which is no part of what it answers. */
const PROGRESS = /^\d+\/\d+ /

/**
 * The page with every `console` block run again: what the command prints replaces what is there. Paths are relative to the
 * project; `| head -N` keeps the first N lines.
 */
export async function withOutputs(page: string): Promise<string> {
  let result = ''
  let end = 0
  for (const match of page.matchAll(CONSOLE)) {
    const [block, command = ''] = match
    result += `${page.slice(end, match.index)}\`\`\`console\n$ stowage ${command}\n${await outputOf(command)}\`\`\``
    end = match.index + block.length
  }
  return result + page.slice(end)
}

async function outputOf(command: string): Promise<string> {
  const [words = '', head] = command.split(' | head -')
  let text = ''
  const sink = { write: (part: string) => (text += part) }
  const warnings = { write: (part: string) => PROGRESS.test(part) || sink.write(part) }
  await runCommandLine(words.split(' '), { stdout: sink, stderr: warnings, isTerminal: false })
  if (head === undefined) return text
  return `${text.split('\n').slice(0, Number(head)).join('\n')}\n`
}
