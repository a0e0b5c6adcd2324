import { existsSync, readdirSync } from 'node:fs'

import { InputError } from '../base/errors.ts'
import { hasCheckpoint } from '../run/checkpoint-file.ts'

/** Throws `InputError` where a directory for reports holds something already that may not be replaced. */
export function refuseTakenDirectory(directory: string, mayReplace: boolean): void {
  if (mayReplace || !existsSync(directory) || readdirSync(directory).length === 0) return
  throw new InputError({
    file: directory,
    message: 'exists already',
    hint: hasCheckpoint(directory)
      ? `a run ended early there: --resume ${directory} goes on with it, --force begins again`
      : 'give another --out, or --force to replace the reports in it',
  })
}
