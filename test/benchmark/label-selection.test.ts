import { describe, expect, it } from 'vitest'

import { parseLabelSelection } from '../../src/benchmark/label-selection.ts'

describe('a choice of labels', () => {
  it.each([
    ['', [], true],
    ['short', ['short', 'performance'], true],
    ['short', ['performance'], false],
    ['+short,performance', ['short', 'performance'], true],
    ['performance,-short', ['short', 'performance'], false],
    ['performance,-short', ['performance'], true],
    ['-integration-test', [], true],
  ])('%s of %j is %s', (text, labels, isChosen) => {
    expect(parseLabelSelection(text)(labels)).toBe(isChosen)
  })

  it('refuses an empty label', () => {
    expect(() => parseLabelSelection('short,')).toThrow('--labels: "short," has an empty label')
  })
})
