import { execFileSync } from 'node:child_process'
import path from 'node:path'

import { expect, it } from 'vitest'

import { BUILT_COMMAND, testFolder } from './command.ts'

it('runs as it is built, with a plugin of the user, and says nothing but what it is asked for', () => {
  const { folder, file } = testFolder()
  const plugin = file(
    'last-first.mts',
    `import { definePlugin } from 'stowage/plugin'
export const lastFirst = definePlugin({
  name: 'LastFirst',
  reads: ['name'],
  compile: () => ({}),
  score: (_term, node, nodes) => (nodes.name(node) === 'node-2' ? 100 : 0),
})
`,
  )
  const trace = file('one.csv', 'arrival_s,duration_s,cpu_milli,mem_mib\n0,60,100,128\n')
  const run = (...words: readonly string[]): string => {
    const flags = ['--nodes', '3x4:16Gi', '--out', path.join(folder, 'out'), '--force', '--json']
    const argv = ['run', '--trace', trace, '--format', 'csv', ...flags, ...words]
    return execFileSync(process.execPath, [BUILT_COMMAND, ...argv], { encoding: 'utf8', stdio: 'pipe' })
  }
  expect(run()).toContain('"pods_succeeded", "value": 1')
  expect(run('--plugin', plugin)).toContain('"pods_succeeded", "value": 1')
})

it('refuses a scenario by the check that the build has made', () => {
  const { file } = testFolder()
  const scenario = file(
    'wrong.yaml',
    'apiVersion: stowage.dev/v1alpha1\nkind: Scenario\nspec: { nods: [] }\n',
  )
  expect(() =>
    execFileSync(process.execPath, [BUILT_COMMAND, 'validate', scenario], {
      encoding: 'utf8',
      stdio: 'pipe',
    }),
  ).toThrow('did you mean nodes?')
})
