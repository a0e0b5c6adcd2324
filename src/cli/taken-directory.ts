import { existsSync, readdirSync } from 'node:fs'

import { InputError } from '../base/errors.ts'

/** Throws `InputError` where a directory for reports holds something already that may not be replaced. */
export function refuseTakenDirectory(directory: string, mayReplace: boolean): void {
  if (mayReplace || !existsSync(directory) || readdirSync(directory).length === 0) return
  throw new InputError({
    file: directory,
    message: 'exists already',
    hint: 'give another --out, or --force to replace the reports in it',
  })
}
