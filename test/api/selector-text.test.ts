import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fieldRequirementsText, matchesFields, parseFieldSelector } from '../../src/api/field-selector.ts'
import {
  compileLabelRequirements,
  labelRequirement,
  labelRequirementsText,
  labelSelectorRequirements,
} from '../../src/api/label-requirement.ts'
import type { LabelRequirement } from '../../src/api/label-requirement.ts'
import { parseLabelSelector } from '../../src/api/label-selector-text.ts'

function labelText(selector: string): string {
  const parsed = parseLabelSelector(selector)
  return 'error' in parsed ? parsed.error : labelRequirementsText(parsed.value)
}

function fieldText(selector: string): string {
  const parsed = parseFieldSelector(selector)
  return 'error' in parsed ? parsed.error : fieldRequirementsText(parsed.value)
}

const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('a label selector', () => {
  it.each([
    ['tier in (b, a,), app=web,!old', 'app=web,!old,tier in (,a,b)'],
    ['n>5,n<10,x', 'n>5,n<10,x'],
    ['in in (in,notin),notin!=in', 'in in (in,notin),notin!=in'],
    ['a in (,b)', 'a in (,b)'],
    ['a in ()', 'a in ()'],
    ['a=,b', 'a=,b'],
    ['', ''],
  ])('%j is written %j', (selector, text) => {
    expect(labelText(selector)).toBe(text)
  })

  it.each([
    ['a,', "found '', expected: identifier after ','"],
    ['a,)', "found ')', expected: identifier after ','"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in', "unable to parse requirement: found '' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    ['-a', `unable to parse requirement: <nil>: Invalid value: "-a": ${NAME_RULE}`],
    ['/a', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
    [
      'a/',
      `unable to parse requirement: <nil>: Invalid value: "a/": name part must be non-empty; ${NAME_RULE}`,
    ],
    [
      `${'a'.repeat(64)}`,
      `unable to parse requirement: <nil>: Invalid value: "${'a'.repeat(64)}": name part must be no more than 63 bytes`,
    ],
  ])('%j is refused', (selector, error) => {
    expect(labelText(selector)).toBe(error)
  })

  it('reads its canonical text as the same', () => {
    const word = fc.stringMatching(/^[a-z0-9]([-a-z0-9_.]{0,5}[a-z0-9])?$/)
    const requirement = fc.oneof(
      fc.tuple(word, fc.constantFrom('exists', '!'), fc.constant<string[]>([])),
      fc.tuple(word, fc.constantFrom('=', '==', '!='), fc.tuple(fc.oneof(word, fc.constant('')))),
      fc.tuple(word, fc.constantFrom('in', 'notin'), fc.uniqueArray(word, { minLength: 1, maxLength: 4 })),
      fc.tuple(word, fc.constantFrom('gt', 'lt'), fc.tuple(fc.nat().map(String))),
    )
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), fc.dictionary(word, word), (list, labels) => {
        const requirements = list.map(([key, operator, values]) => right(key, operator, values))
        const text = labelRequirementsText(requirements)
        const again = parseLabelSelector(text)
        if ('error' in again) throw new Error(again.error)
        expect(labelText(labelRequirementsText(again.value))).toBe(labelText(text))
        const matches = compileLabelRequirements(requirements)(labels)
        expect(compileLabelRequirements(again.value)(labels)).toBe(matches)
      }),
    )
  })

  it('as an object knows no comparison, and names all that is wrong with a requirement', () => {
    expect(
      labelSelectorRequirements({ matchExpressions: [{ key: 'n', operator: 'Gt', values: ['1'] }] }),
    ).toEqual({
      error: '"Gt" is not a valid label selector operator',
    })
    const wrong = { key: '-', operator: 'In', values: [] }
    expect(labelSelectorRequirements({ matchExpressions: [wrong] })).toEqual({
      error:
        `[key: Invalid value: "-": ${NAME_RULE}, ` +
        "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty]",
    })
    expect(labelSelectorRequirements(undefined)).toEqual({ value: [] })
  })
})

/** A requirement that is known to be right. */
function right(
  key: string,
  operator: LabelRequirement['operator'],
  values: readonly string[],
): LabelRequirement {
  const requirement = labelRequirement(key, operator, values)
  if ('error' in requirement) throw new Error(requirement.error)
  return requirement.value
}

describe('a field selector', () => {
  it.each([
    ['status.phase!=Running,metadata.name==q', 'metadata.name=q,status.phase!=Running'],
    ['metadata.name=a\\,b\\=c\\\\', 'metadata.name=a\\,b\\=c\\\\'],
    [',,', ''],
    ['a!=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\q', 'invalid field selector: invalid escape sequence: \\q'],
    ['a=\\', 'invalid field selector: invalid escape sequence: \\'],
    ['a=b,c', "invalid selector: 'a=b,c'; can't understand 'c'"],
  ])('%j gives %j', (selector, text) => {
    expect(fieldText(selector)).toBe(text)
  })

  it('matches what has its values, an absent field being an empty one', () => {
    const requirements = parseFieldSelector('a=1,b!=2,c=')
    if ('error' in requirements) throw new Error(requirements.error)
    expect(matchesFields(requirements.value, { a: '1' })).toBe(true)
    expect(matchesFields(requirements.value, { a: '1', b: '2' })).toBe(false)
    expect(matchesFields(requirements.value, { a: '1', c: 'x' })).toBe(false)
  })

  it('reads its canonical text as the same', () => {
    const term = fc.record({
      field: fc.stringMatching(/^[a-z][a-z.]{0,6}$/),
      operator: fc.constantFrom('=' as const, '!=' as const),
      value: fc.string({ unit: fc.constantFrom('a', 'b', '\\', ',', '=', ' ') }),
    })
    fc.assert(
      fc.property(fc.array(term, { maxLength: 4 }), (requirements) => {
        const again = parseFieldSelector(fieldRequirementsText(requirements))
        if ('error' in again) throw new Error(again.error)
        const textOf = (one: object): string => JSON.stringify(one)
        expect(again.value.map(textOf).sort()).toEqual(requirements.map(textOf).sort())
      }),
    )
  })
})
