/**
 * Bundles constants that are numbers as the numbers: in one file with all modules they would be variables of a function,
 * which V8 reads anew wherever they are named.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { runInNewContext } from 'node:vm'

import { transform } from 'esbuild'

const DECLARATION = /^(export )?const ([A-Z][A-Z0-9_]*) = ([^;\n]+);$/gm
const IMPORT = /^import \{([^}]*)\} from '(\.[^']*)';$/gm
/** What the expression of a number consists of, once names have been replaced. */
const ARITHMETIC = /^[\d\s.e_+*/%()|<>&-]+$/

/** Numbers by name: those that a file declares, and those that it imports. */
const numbersOfFiles = new Map()

function numbersOf(file) {
  const known = numbersOfFiles.get(file)
  if (known !== undefined) return known
  const numbers = { declared: new Map(), imported: new Map() }
  numbersOfFiles.set(file, numbers)
  const text = readFileSync(file, 'utf8')
  for (const [, names, from] of text.matchAll(IMPORT)) {
    if (!/[A-Z]{2}/.test(names)) continue
    const { declared } = numbersOf(path.resolve(path.dirname(file), from))
    for (const part of names.split(',')) {
      const [name, local = name] = part.trim().split(' as ')
      if (declared.has(name)) numbers.imported.set(local, declared.get(name))
    }
  }
  for (const [, , name, expression] of text.matchAll(DECLARATION)) {
    const value = numberOf(expression, numbers)
    if (value !== undefined) numbers.declared.set(name, value)
  }
  return numbers
}

function numberOf(expression, { declared, imported }) {
  const arithmetic = expression.replaceAll(/\b[A-Z][A-Z0-9_]*\b/g, (name) => {
    return String(declared.get(name) ?? imported.get(name) ?? name)
  })
  if (!ARITHMETIC.test(arithmetic)) return undefined
  const value = Number(runInNewContext(arithmetic))
  return Number.isFinite(value) ? value : undefined
}

export const inlinedNumbers = {
  name: 'inlined-numbers',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/](src|plugins)[\\/].*\.js$/ }, async ({ path: file }) => {
      const { declared, imported } = numbersOf(file)
      if (declared.size + imported.size === 0) return undefined
      const text = readFileSync(file, 'utf8')
        .replaceAll(DECLARATION, (line, exported, name) => {
          if (!declared.has(name)) return line
          const value = declared.get(name)
          return exported === undefined ? '' : `const ${name}_ = ${value}; export { ${name}_ as ${name} };`
        })
        .replaceAll(IMPORT, (_, names, from) => {
          const others = names.split(',').filter((part) => !imported.has(part.trim().split(' as ').at(-1)))
          return others.length === 0 ? `import '${from}';` : `import {${others.join(',')}} from '${from}';`
        })
      const numbers = [...declared, ...imported].map(([name, value]) => [name, String(value)])
      const define = Object.fromEntries(numbers)
      const { code } = await transform(text, { define, sourcefile: file, sourcemap: 'inline' })
      return { contents: code, loader: 'js' }
    })
  },
}
