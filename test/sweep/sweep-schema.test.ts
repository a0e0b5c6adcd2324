import { readFileSync } from 'node:fs'
import path from 'node:path'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'

import { SWEEP_SCHEMA } from '../../src/sweep/sweep-schema.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

it('the published schema of sweeps is the one that they are checked against, and a schema', () => {
  const published: unknown = JSON.parse(
    readFileSync(path.join(PROJECT_ROOT, 'schema/sweep.schema.json'), 'utf8'),
  )
  expect(published).toEqual(JSON.parse(JSON.stringify(SWEEP_SCHEMA)))
  expect(new Ajv2020({ strict: false }).validateSchema(SWEEP_SCHEMA)).toBe(true)
})
