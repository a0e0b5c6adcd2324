import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it } from 'vitest'

import { runScenario } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

it('shows in the documentation who of three classes goes when', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-eviction-'))
  const scenario = loadScenario({
    file: path.join(PROJECT_ROOT, 'docs/examples/eviction.yaml'),
    overrides: [],
  })
  await runScenario(scenario, {
    directory: folder,
    command: ['test'],
    version: '0',
    signal: new AbortController().signal,
  })
  const [header = '', ...rows] = readFileSync(path.join(folder, 'events.csv'), 'utf8').trim().split('\n')
  rmSync(folder, { recursive: true })
  const ends = rows.filter((row) => /,(?:Eviction|OomKill),/.test(row))
  expect(ends.map((row) => row.split(',')[2]?.replace('default/', ''))).toEqual([
    'burstable-above',
    'best-effort-large',
    'best-effort-small',
    'guaranteed',
    'hog',
  ])
  const page = readFileSync(path.join(PROJECT_ROOT, 'docs/eviction.md'), 'utf8')
  expect(page).toContain(`\`\`\`csv\n${[header, ...ends].join('\n')}\n\`\`\``)
})
