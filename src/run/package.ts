import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { assert } from '../base/assert.ts'

/** The folder of stowage's package.json: sources and build lie at different depths below it. */
export function packageRoot(): string {
  const here = path.dirname(fileURLToPath(import.meta.url))
  const root = ['../..', '../../..']
    .map((up) => path.resolve(here, up))
    .find((folder) => existsSync(path.join(folder, 'package.json')))
  assert(root !== undefined, 'there is no package.json above the code of stowage')
  return root
}

/** The version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
