import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runCommandLine } from '../../src/cli/command-line.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

/** The command as it is built: `node` runs it. */
export const BUILT_COMMAND = path.join(PROJECT_ROOT, 'dist/bin/stowage.js')

/** What a command printed, and its exit status. */
export interface CommandResult {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in this process. */
export async function stowage(...argv: readonly string[]): Promise<CommandResult> {
  let out = ''
  let err = ''
  const status = await runCommandLine(argv, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    isTerminal: false,
  })
  return { status, out, err }
}

/** Runs the built command in a process of its own; the status is null where a signal ended it. */
export function stowageApart(
  ...argv: readonly string[]
): Omit<CommandResult, 'status'> & { readonly status: number | null } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT_COMMAND, ...argv], {
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

/** A new folder for the files of a test, and a function that writes one into it. */
export function testFolder(): {
  readonly folder: string
  readonly file: (name: string, text: string | Uint8Array) => string
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-cli-'))
  const file = (name: string, text: string | Uint8Array): string => {
    const place = path.join(folder, name)
    writeFileSync(place, text)
    return place
  }
  return { folder, file }
}
