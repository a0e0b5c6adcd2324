/** Runs small work with the bundled program, and keeps the code that V8 has compiled for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'

import { PROGRAM_FILE, V8_FLAGS, codeFile, compiledProgram } from '../dist/src/cli/compiled-program.js'

for (const flag of V8_FLAGS) setFlagsFromString(flag)

const folder = mkdtempSync(path.join(tmpdir(), 'stowage-code-'))
const file = path.resolve('dist/bin', PROGRAM_FILE)
const program = compiledProgram(file)
const { runProgram } = program.evaluate()
try {
  for (const command of [
    ['run', 'traces/mixed-day.yaml', '--out', path.join(folder, 'day')],
    ['bench', 'replay', '--nodes', '100', '--pods', '1000', '--no-check', '--no-phases'],
  ]) {
    const status = await runProgram(command)
    if (status !== 0) throw new Error(`stowage ${command.join(' ')} ends with ${status}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
writeFileSync(codeFile(file), program.code())
