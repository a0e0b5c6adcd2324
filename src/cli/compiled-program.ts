import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'

import type { runProgram } from './program.ts'

/** What the bundled program exports. */
export interface Program {
  readonly runProgram: typeof runProgram
}

/** The bundled program, as it is compiled. */
interface CompiledProgram {
  /** Runs its modules; returns what it exports. */
  evaluate(): Program
  /** The code of all functions that V8 has compiled so far, for the next start. */
  code(): Buffer
}

/** The bundle's file, beside the command. */
export const PROGRAM_FILE = 'program.cjs'

/**
 * Settings of V8.
 *
 * A long run leaves little behind and much that is short-lived: left alone, the heap grows to several times what is in
 * use; and new objects get room for many of them at once, instead of in a dozen collections each of which doubles it.
 * Functions are optimised when they have done four times as much as V8 thinks enough: what is hot reaches that at once, and
 * optimising what a short run calls some thousand times took a quarter of its time. An event goes through a dozen small
 * functions: twice as many as V8 would are put into one, which spares numbers that are boxed to be handed over.
 */
export const V8_FLAGS: readonly string[] = [
  '--heap-growing-percent=50',
  '--semi-space-growth-factor=16',
  '--interrupt-budget=300000',
  '--max-inlined-bytecode-size-cumulative=1800',
]

/** Where compiled code of a bundle is kept: V8 itself does not take that of another version, but looks at no processor. */
export function codeFile(file: string): string {
  return `${file}.${process.arch}.code`
}

/**
 * Compiles the bundled program from the code that the build has kept beside it: without it V8 reads all of the text, and
 * compiles each function when it is called first, which is most of the time of a short command. Code of another version of
 * V8 is not taken; then the text is compiled.
 */
export function compiledProgram(file: string): CompiledProgram {
  // The bundle is ASCII. Its own lines keep their numbers, which places of functions are looked up by.
  const text = `(function (exports, require, module, importMetaUrl, importModule) {\n${readFileSync(file, 'latin1')}\n})`
  const kept = codeFile(file)
  const script = new Script(text, {
    filename: file,
    lineOffset: -1,
    ...(existsSync(kept) ? { cachedData: readFileSync(kept) } : {}),
  })
  return {
    evaluate() {
      const { href } = pathToFileURL(file)
      const module = { exports: {} }
      const run = script.runInThisContext() as (...parts: readonly unknown[]) => void
      // Kept code has no import() of its own: modules that are not in the bundle are imported from here.
      const importModule = (name: string): Promise<unknown> => import(name)
      run(module.exports, createRequire(href), module, href, importModule)
      return module.exports as Program
    },
    code: () => script.createCachedData(),
  }
}
