import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { assert } from '../../base/assert.ts'

/** What a report page is made of besides its data. */
export interface PageAssets {
  readonly script: string
  readonly style: string
}

/** Where the build puts them, seen from the bundled command, from the built file, and from the source. */
const PLACES = ['../page', '../../../page', '../../../dist/page']

/** Script and style of the page, as `npm run build` bundled them. */
export function pageAssets(): PageAssets {
  const here = path.dirname(fileURLToPath(import.meta.url))
  const folder = PLACES.map((place) => path.resolve(here, place)).find((candidate) =>
    existsSync(path.join(candidate, 'report.js')),
  )
  assert(folder !== undefined, 'the script of report.html is not built: npm run build makes it')
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8').trim()
  return { script: read('report.js'), style: read('style.css') }
}
