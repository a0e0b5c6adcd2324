import { existsSync } from 'node:fs'

import { InputError } from '../base/errors.ts'

/** Throws `InputError` where a file is there that may not be replaced. */
export function refuseTakenFile(file: string, mayReplace: boolean): void {
  if (mayReplace || !existsSync(file)) return
  throw new InputError({
    file,
    message: 'exists already',
    hint: 'give another name, or --force to replace it',
  })
}
