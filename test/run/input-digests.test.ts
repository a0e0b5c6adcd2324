import { rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { inputDigests, placeDigests } from '../../src/run/input-digests.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { testFolder } from '../cli/command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SCENARIO = file(
  'scenario.yaml',
  `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: imports }
spec:
  nodes: [{ template: { count: 1, shape: '8:16Gi' } }]
  workload: [{ trace: { file: pods.csv, format: csv } }]
  scheduler: { plugins: [plugin.ts] }
`,
)
file('pods.csv', 'arrival_s,duration_s,cpu_milli,mem_mib\n0,60,100,64\n')

/** Names of the input files that have another digest when a file is changed. */
function changedBy(name: string, text: string): readonly string[] {
  const before = inputDigests(loadScenario({ file: SCENARIO, overrides: [] }))
  file(name, text)
  const after = inputDigests(loadScenario({ file: SCENARIO, overrides: [] }))
  expect(Object.keys(after)).toEqual(Object.keys(before))
  return Object.keys(after)
    .filter((input) => after[input] !== before[input])
    .map((input) => path.basename(input))
}

describe('the inputs of a run', () => {
  it('are what its plugins import, too, and what that imports', () => {
    file('weights.js', 'export const WEIGHT = 1')
    file('formula.ts', `import { WEIGHT } from './weights.js'\nexport const score = (): number => WEIGHT`)
    file(
      'plugin.ts',
      `import { definePlugin } from 'stowage/plugin'
import { score } from './formula'
export default definePlugin({ name: 'Imports', reads: [], compile: () => ({}), score })`,
    )
    expect(changedBy('weights.js', 'export const WEIGHT = 2')).toEqual(['weights.js'])
    const scenario = loadScenario({ file: SCENARIO, overrides: [] })
    expect(Object.keys(placeDigests(scenario, new Map())).map((place) => path.basename(place))).toEqual([
      'formula.ts',
      'plugin.ts',
      'pods.csv',
      'weights.js',
    ])
  })

  it('are the plugin itself where it does not compile', () => {
    file('plugin.ts', `import { nothing } from './nowhere'`)
    expect(changedBy('plugin.ts', 'export {')).toEqual(['plugin.ts'])
  })
})
