import { readdirSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../../base/errors.ts'
import { isDirectory } from '../../base/unreadable.ts'

/**
 * The directories that a pattern names, in order: `*` and `?` stand for what they do in a shell, for those whose shell leaves them.
 * Throws `InputError` where there is none.
 */
export function globbed(pattern: string): readonly string[] {
  if (isDirectory(pattern)) return [pattern]
  const found = /[*?]/.test(pattern) ? matches(pattern) : []
  if (found.length > 0) return found
  throw new InputError({ file: pattern, message: 'is no directory', hint: 'give the directory of a run' })
}

function matches(pattern: string): readonly string[] {
  const [first = '', ...rest] = pattern.split('/')
  let places = [first === '' ? '/' : '']
  for (const part of first === '' ? rest : [first, ...rest]) {
    places = places.flatMap((place) => {
      if (!/[*?]/.test(part)) return [path.join(place, part)]
      const expression = partExpression(part)
      const names = isDirectory(place || '.') ? readdirSync(place || '.') : []
      return names
        .filter((name) => !name.startsWith('.') && expression.test(name))
        .toSorted()
        .map((name) => path.join(place, name))
    })
  }
  return places.filter(isDirectory)
}

function partExpression(part: string): RegExp {
  const escaped = part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`)
}
