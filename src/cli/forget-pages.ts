import { rmSync } from 'node:fs'
import path from 'node:path'

import { PAGE_FILES } from '../report/page-files.ts'

/** Takes away the page and the charts of earlier runs: they are not of those whose reports will stand beside them. */
export function forgetPages(directory: string): void {
  for (const name of PAGE_FILES) rmSync(path.join(directory, name), { force: true })
}
