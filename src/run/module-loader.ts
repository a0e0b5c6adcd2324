import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import type esbuild from 'esbuild'

import { InputError } from '../base/errors.ts'
import { isDirectory, unreadable } from '../base/unreadable.ts'
import type { Micros } from '../base/time.ts'
import { packageRoot } from './package.ts'
import type { PluginWatch } from './plugin-watch.ts'

/** Endings of files that a user's module may be written in. */
const ENDINGS = ['.ts', '.mts', '.js', '.mjs']

/** What a module imports the contract by. */
const FRAMEWORK = 'stowage/plugin'

/** How a module is bundled. */
const BUNDLED = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'silent',
} as const

/** What a module exports, by name. */
export type Exported = Readonly<Record<string, unknown>>

/** Who sees that what is loaded comes back, and how long that may take, of real time. */
export interface LoadGuard {
  readonly watch: PluginWatch
  readonly longest: Micros
}

/**
 * Loads a module of the user: bundles it in memory, with `stowage/plugin` in it, and returns what `take` makes of what it exports.
 *
 * `what` is what the file is to be, for errors. Throws `InputError` when it is no module, does not compile, or does not come back as
 * it is run, or as `take` calls it.
 */
export async function loadModule<Result>(
  file: string,
  what: string,
  { watch, longest }: LoadGuard,
  take: (exported: Exported) => Result,
): Promise<Result> {
  if (!ENDINGS.includes(path.extname(file))) {
    throw new InputError({
      file,
      message: `is no ${what} file`,
      hint: `expected one of ${ENDINGS.join(', ')}`,
    })
  }
  if (!existsSync(file) || isDirectory(file)) throw unreadable(file)
  const code = await bundle(file)
  return watch.loading(file, longest, async () => take(await evaluate(file, code)))
}

/**
 * A module of the user and all that is bundled with it, by paths that begin as its own does; it alone where it does not compile, which is
 * told when it is loaded.
 */
export function moduleFiles(file: string): readonly string[] {
  if (!ENDINGS.includes(path.extname(file)) || !existsSync(file)) return [file]
  const folder = path.dirname(file)
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof esbuild
  try {
    const entryPoints = [path.resolve(file)]
    const { metafile } = buildSync({ ...BUNDLED, entryPoints, external: [FRAMEWORK], metafile: true })
    const inputs = Object.keys(metafile.inputs).filter((input) => existsSync(input))
    return inputs.map((input) => path.join(folder, path.relative(folder, input)))
  } catch {
    return [file]
  }
}

async function bundle(file: string): Promise<string> {
  const { build } = await import('esbuild')
  try {
    const result = await build({
      ...BUNDLED,
      entryPoints: [path.resolve(file)],
      alias: { [FRAMEWORK]: frameworkFile() },
    })
    return result.outputFiles[0]?.text ?? ''
  } catch (error) {
    const [first] =
      (error as { errors?: readonly { text: string; location?: { line: number; column: number } }[] })
        .errors ?? []
    throw new InputError({
      file,
      ...(first?.location === undefined
        ? {}
        : { line: first.location.line, column: first.location.column + 1 }),
      message: first?.text ?? 'does not compile',
    })
  }
}

/** The contract as it is built; as it is written where nothing is. */
function frameworkFile(): string {
  const built = path.join(packageRoot(), 'dist/src/scheduler/framework/index.js')
  return existsSync(built) ? built : path.join(packageRoot(), 'src/scheduler/framework/index.ts')
}

async function evaluate(file: string, code: string): Promise<Exported> {
  const url = `data:text/javascript;base64,${Buffer.from(`${code}\n//# sourceURL=${pathToFileURL(file).href}`).toString('base64')}`
  try {
    return (await import(url)) as Exported
  } catch (error) {
    throw new InputError({
      file,
      message: `throws when it is loaded: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}
