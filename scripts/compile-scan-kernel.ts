/**
 * Compiles src/scheduler/scan-kernel.as and what it imports to WebAssembly, and writes it as text into src/scheduler/scan-kernel.generated.ts,
 * so that neither a run nor a test needs the compiler.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { main } from 'assemblyscript/asc'

const SCHEDULER = fileURLToPath(new URL('../src/scheduler', import.meta.url))
/** Sources, which import each other by these names. */
const PARTS = ['scan-kernel', 'scan-choice', 'scan-layout']
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd']

/** The module that the source compiles to. Throws with the compiler's words when it does not. */
export async function compileScanKernel(): Promise<Uint8Array> {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-scan-kernel-'))
  try {
    const output = path.join(folder, 'scan-kernel.wasm')
    const source = path.join(folder, 'scan-kernel.ts')
    for (const part of PARTS) {
      writeFileSync(path.join(folder, `${part}.ts`), readFileSync(path.join(SCHEDULER, `${part}.as`)))
    }
    const relative = path.relative(process.cwd(), source)
    const { error, stderr } = await main([
      relative,
      '--outFile',
      path.relative(process.cwd(), output),
      ...OPTIONS,
    ])
    if (error !== null) throw new Error(stderr.toString(), { cause: error })
    return readFileSync(output)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Text of the generated module. */
export function generatedModule(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,100}/g) ?? []
  return [
    '// Generated from scan-kernel.as by `npm run scan-kernel`; do not edit.',
    '',
    '/** A WebAssembly module, base64. */',
    'export const SCAN_KERNEL =',
    lines.map((line) => `  '${line}'`).join(' +\n'),
    '',
  ].join('\n')
}

/** Where the generated module lies. */
export const GENERATED = path.join(SCHEDULER, 'scan-kernel.generated.ts')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(GENERATED, generatedModule(await compileScanKernel()))
}
