import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runCommandLine } from '../src/cli/command-line.ts'

/** What stands in docs/recovery.md between the commands and the next paragraph. */
const BLOCK = /```text\n[^`]*```/

/** What `stowage report` says of the failure of docs/examples/recovery.yaml. */
export async function recoveryReport(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-recovery-'))
  let text = ''
  const sink = { write: (part: string) => (text += part) }
  const io = { stdout: sink, stderr: sink, isTerminal: false }
  const out = path.join(folder, 'run')
  await runCommandLine(['run', 'docs/examples/recovery.yaml', '--quiet', '--out', out], io)
  await runCommandLine(['report', out, '--failure', '1'], io)
  rmSync(folder, { recursive: true })
  return text
}

/** The page with the report as it is now. */
export async function withRecoveryReport(page: string): Promise<string> {
  const report = await recoveryReport()
  return page.replace(BLOCK, () => `\`\`\`text\n${report}\`\`\``)
}
