import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { LOGIC_FAMILIES } from '../../src/conformance/families/index.ts'
import { judgeCase } from '../../src/conformance/judge/judge-case.ts'
import { PROJECT_ROOT, hasShared, shared } from '../shared-data.ts'
import { differingCases } from './differing-cases.ts'
import { readCases } from './recorded-cases.ts'

const FOLDER = path.join(PROJECT_ROOT, 'test', 'vectors', 'logic')
const ENDING = '.jsonl.gz'
const FAMILIES = LOGIC_FAMILIES.map(({ name }) => name)

/** In whose copy an empty map stands that the recorder's JSON left out; test/vectors/logic/README.md says why. */
const RESTORED = 'qos-requests/1-760'

function copyOf(family: string): string {
  return path.join(FOLDER, `${family}${ENDING}`)
}

describe('recorded logic of Kubernetes v1.37.2', () => {
  it('has families in order of name, each with its cases and in the documentation', () => {
    expect(FAMILIES).toEqual([...new Set(FAMILIES)].sort())
    expect(FAMILIES.filter((family) => !existsSync(copyOf(family)))).toEqual([])
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs', 'conformance.md'), 'utf8')
    expect(FAMILIES.filter((family) => !page.includes(`| ${family} | `))).toEqual([])
  })

  it.each(LOGIC_FAMILIES.map((family) => ({ name: family.name, family })))(
    '$name: every result is equal but those of the cases named as differing',
    ({ name, family }) => {
      const cases = readCases(copyOf(name))
      expect(cases.length).toBeGreaterThanOrEqual(200)
      const different = cases.flatMap((one) => {
        const result: unknown = JSON.parse(JSON.stringify(family.run(one.input)))
        const [first] = judgeCase(one, result).differences
        return first === undefined ? [] : [{ id: one.id, ...first }]
      })
      const named = differingCases(name)
      expect(different.filter(({ id }) => !named.has(id))).toEqual([])
      expect(new Set(different.map(({ id }) => id))).toEqual(named)
    },
  )
})

describe('the copies of recorded logic', () => {
  const copies = readdirSync(FOLDER).filter((name) => name.endsWith(ENDING))

  it('are counted right in the documentation', () => {
    const page = readFileSync(path.join(PROJECT_ROOT, 'docs', 'conformance.md'), 'utf8')
    const counts = new Map(
      copies.map((name) => [name.replace(ENDING, ''), readCases(path.join(FOLDER, name))]),
    )
    for (const [family, cases] of counts) {
      expect(page).toContain(`| ${family} | ${cases.length.toLocaleString('en')} |`)
    }
    const total = [...counts.values()].reduce((sum, cases) => sum + cases.length, 0).toLocaleString('en')
    expect(page).toContain(`${total} cases in ${counts.size} families of logic`)
  })

  it.skipIf(!hasShared)('hold what was recorded, but for one empty map (shared data)', () => {
    for (const name of copies) {
      const recorded = readCases(shared('vectors-logic', name))
      const changed = readCases(path.join(FOLDER, name)).filter((one, i) => {
        return JSON.stringify(one) !== JSON.stringify(recorded[i])
      })
      expect(changed.map(({ id }) => id)).toEqual(name.startsWith('qos-requests') ? [RESTORED] : [])
    }
  })
})
