import { goJson } from '../../../src/base/go-json.ts'
import { describe, expect, it } from 'vitest'

import {
  duplicate,
  forbidden,
  formatErrors,
  internalError,
  invalid,
  invalidOmitted,
  notFound,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../../src/api/validation/field-error.ts'
import { goStruct, listValue, mapValue, selectorValue } from '../../../src/api/validation/go-shapes.ts'
import { quote } from '../../../src/api/validation/go-text.ts'

describe('errors of fields', () => {
  it.each([
    [required('a'), 'Required value'],
    [required('a', 'name it'), 'Required value: name it'],
    [forbidden('a', 'not here'), 'Forbidden: not here'],
    [invalid('a', 'x', 'is wrong'), 'Invalid value: "x": is wrong'],
    [invalid('a', -1, 'is wrong'), 'Invalid value: -1: is wrong'],
    [invalid('a', true, 'is wrong'), 'Invalid value: true: is wrong'],
    [invalid('a', undefined, 'is wrong'), 'Invalid value: "null": is wrong'],
    [invalidOmitted('a', 'is wrong'), 'Invalid value: is wrong'],
    [notFound('a', 'x'), 'Not found: "x"'],
    [duplicate('a', 'x'), 'Duplicate value: "x"'],
    [notSupported('a', 'x', ['y', 'z']), 'Unsupported value: "x": supported values: "y", "z"'],
    [notSupported('a', '<', []), String.raw`Unsupported value: "\u003c"`],
    [tooLong('a', 1), 'Too long: may not be more than 1 byte'],
    [tooLong('a', 63), 'Too long: may not be more than 63 bytes'],
    [tooMany('a', 3, 2), 'Too many: 3: must have at most 2 items'],
    [internalError('a', 'broke'), 'Internal error: broke'],
  ])('are written as apimachinery writes them: %#', (error, message) => {
    expect(error.message).toBe(message)
    expect(error.field).toBe('a')
  })

  it('make the text of a refusal', () => {
    const one = required('spec.containers[0].name')
    expect(formatErrors('Pod', 'x', [one])).toBe(
      'Pod "x" is invalid: spec.containers[0].name: Required value',
    )
    expect(formatErrors('Pod', 'x', [one, one, forbidden('spec', 'no')])).toBe(
      'Pod "x" is invalid: [spec.containers[0].name: Required value, spec: Forbidden: no]',
    )
  })
})

describe('values of Go', () => {
  it('are quoted as %q does', () => {
    expect(quote('a "b"\n\t\\ \u0001 \u007f é \u00a0 \u{1f600}')).toBe(
      String.raw`"a \"b\"\n\t\\ \x01 \x7f é \u00a0 ` + '\u{1f600}"',
    )
  })

  it('are marshalled with markup escaped', () => {
    expect(goJson({ b: '<&>', a: 1 })).toBe(String.raw`{"b":"\u003c\u0026\u003e","a":1}`)
  })

  it('have zero values where fields are absent', () => {
    expect(goStruct('Taint', { key: 'k' }).json).toEqual({ Key: 'k', Value: '', Effect: '', TimeAdded: null })
    expect(goStruct('ServicePort', { protocol: 'UDP', port: 81 }).json).toEqual({
      Name: '',
      Protocol: 'UDP',
      AppProtocol: null,
      Port: 81,
      TargetPort: 0,
      NodePort: 0,
    })
    expect(goStruct('SuccessPolicy', { rules: [{ succeededIndexes: '0-1' }] }).json).toEqual({
      Rules: [{ SucceededIndexes: '0-1', SucceededCount: null }],
    })
  })

  it('are null where lists and maps are empty, and selectors leave out what is', () => {
    expect([listValue([]).json, mapValue({}).json, listValue([1]).json]).toEqual([null, null, [1]])
    expect(selectorValue({ matchLabels: { b: '1', a: '2' }, matchExpressions: [] }).json).toEqual({
      matchLabels: { a: '2', b: '1' },
    })
  })
})
