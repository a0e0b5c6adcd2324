import { readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { STUDY_FOLDER, studyCases, withStudyTables } from '../scripts/failure-traces-table.ts'
import { checkScenario } from '../src/run/check.ts'
import { loadScenario } from '../src/scenario/load.ts'
import { hasShared, shared } from './shared-data.ts'

const cases = studyCases((parts) => shared(...parts))

describe('the study of failure traces', () => {
  it('shows in its page what its tables say', () => {
    const page = readFileSync(path.join(STUDY_FOLDER, 'README.md'), 'utf8')
    expect(page).toContain('| grid5000 | difference |')
    expect(withStudyTables(page)).toBe(page)
  })

  it.skipIf(!hasShared).each(cases.map((one) => [one.name, one] as const))(
    'has a scenario for %s that can be run (shared data)',
    async (_, { failures, checkpoints }) => {
      for (const file of ['default.yaml', 'most-allocated.yaml']) {
        const scenario = loadScenario({
          file: path.join(STUDY_FOLDER, file),
          overrides: [
            `spec.workload[0].trace.file=${shared('traces', 'hpc-swf', 'wagap-2013.swf.gz')}`,
            `spec.failures=${JSON.stringify(failures)}`,
            ...(checkpoints === undefined ? [] : [`spec.behaviour.checkpointInterval=${checkpoints}`]),
          ],
        })
        expect(await checkScenario(scenario)).toMatchObject({ nodes: 49 })
      }
    },
  )
})
