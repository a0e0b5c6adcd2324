import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runCommandLine } from '../src/cli/command-line.ts'

/** What stands in a page between the commands and the next paragraph. */
const BLOCK = /```text\n[^`]*```/

/** Flags of `stowage report` that pages show. */
const FAILURE = ['--failure', '1']

/** What `stowage report` says of a run of docs/examples/recovery.yaml. */
async function recoveryReport(flags: readonly string[]): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-recovery-'))
  let text = ''
  const sink = { write: (part: string) => (text += part) }
  const io = { stdout: sink, stderr: sink, isTerminal: false }
  const out = path.join(folder, 'run')
  await runCommandLine(['run', 'docs/examples/recovery.yaml', '--quiet', '--out', out], io)
  await runCommandLine(['report', out, ...flags], io)
  rmSync(folder, { recursive: true })
  return text
}

/** The page with the report as it is now: of the failure, or with other flags. */
export async function withRecoveryReport(page: string, flags = FAILURE): Promise<string> {
  const report = await recoveryReport(flags)
  return page.replace(BLOCK, () => `\`\`\`text\n${report}\`\`\``)
}
