import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const PROJECT = path.resolve(import.meta.dirname, '..')
const COMMAND = path.join(PROJECT, 'dist/bin/stowage.js')

/** A file to write, whose first line names it in a comment; or commands after `$ `, and what they print. */
const BLOCK = /```(?:ts|yaml)\n(?:\/\/|#) (\S+)\n([\s\S]*?)```|```console\n([\s\S]*?)```/g
/** A command may go on in the next line. */
const LINE = /^\$ ((?:[^\n]*\\\n)*[^\n]*)$/gm

/**
 * A tutorial with its commands run again, one after another, by the built command in a new folder with the shipped traces: what each
 * prints (without progress and warnings) replaces what is there. Files that the tutorial has somebody write are written there.
 * Throws when a command fails.
 */
export function tutorialWithOutputs(page: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-tutorial-'))
  cpSync(path.join(PROJECT, 'traces'), path.join(folder, 'traces'), { recursive: true })
  try {
    return page.replaceAll(BLOCK, (block: string, file?: string, text?: string, session?: string) => {
      if (session === undefined) {
        writeFileSync(path.join(folder, file ?? ''), text ?? '')
        return block
      }
      const commands = [...session.matchAll(LINE)].map(([, words = '']) => words)
      const outputs = commands.map((words) => `$ ${words}\n${outputOf(words, folder)}`)
      return `\`\`\`console\n${outputs.join('')}\`\`\``
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function outputOf(words: string, folder: string): string {
  const shell = `stowage() { "${process.execPath}" "${COMMAND}" "$@"; }\n${words}`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', shell], { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words}: exit status ${status}\n${stderr}`)
  return stdout
}
