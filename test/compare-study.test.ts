import { spawnSync } from 'node:child_process'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { PROJECT_ROOT } from './shared-data.ts'

const STUDY = path.join(PROJECT_ROOT, 'results', 'studies', 'compare-openb')
/** Python with pandas, pyarrow and duckdb. */
const PYTHON = process.env['STOWAGE_PYTHON'] ?? 'python3'
const hasPython = spawnSync(PYTHON, ['-c', 'import pandas, pyarrow, duckdb']).status === 0

describe('the comparison of policies on openb', () => {
  it.skipIf(!hasPython)('is read back, and its statistics computed again, by pandas and DuckDB', () => {
    const words = [path.join(STUDY, 'read_back.py'), STUDY]
    const { status, stdout, stderr } = spawnSync(PYTHON, words, { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toContain('p_adjusted: 92 compared, 0 differ')
    expect(stdout).toContain('DuckDB: runs.parquet, 5650 rows, as runs.csv')
    expect(status).toBe(0)
  })
})
