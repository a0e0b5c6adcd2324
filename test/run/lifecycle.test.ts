import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { BEHAVIOUR_ANNOTATIONS } from '../../src/api/behaviour-annotations.ts'
import { HOUR, SECOND } from '../../src/base/time.ts'
import { replayRun } from '../../src/run/run.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { PodHistory } from '../node/lifecycle/pod-history.ts'
import { stowage } from '../cli/command.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

const PAGE = readFileSync(path.join(PROJECT_ROOT, 'docs/pod-lifecycle.md'), 'utf8')

/** What can be seen of each pod of a scenario when. */
async function timeline(file: string, overrides: readonly string[] = []): Promise<string> {
  const scenario = loadScenario({ file: path.join(PROJECT_ROOT, file), overrides })
  let history: PodHistory | undefined
  const { api } = await replayRun(
    scenario,
    (run) => {
      history = new PodHistory(run.api)
    },
    new AbortController().signal,
  )
  const lines: string[] = []
  for (const row of api.pods.table.stored()) {
    lines.push(api.pods.nameOf(row))
    for (const line of history?.of(row) ?? []) {
      const [at = '', ...words] = line.split(' ')
      lines.push(`${`${at}s`.padStart(8)}  ${words.join(' ')}`)
    }
  }
  return `${lines.join('\n')}\n`
}

describe('the page on the life of pods', () => {
  it('shows what becomes of its example', async () => {
    const shown = await timeline('docs/examples/lifecycle.yaml')
    const block = /```text\n([^]*?)```/.exec(PAGE)?.[1]
    expect(block).toBe(shown)
  })

  it('says in the tables what its pods waited for', async () => {
    const out = mkdtempSync(path.join(tmpdir(), 'stowage-lifecycle-'))
    const file = path.join(PROJECT_ROOT, 'docs/examples/lifecycle.yaml')
    const { status } = await stowage('run', file, '--quiet', '--force', '--out', out)
    const [header = '', ...lines] = readFileSync(path.join(out, 'workloads.csv'), 'utf8').trim().split('\n')
    rmSync(out, { recursive: true })
    const names = header.split(',')
    const cells = (name: string): string[] =>
      (lines.find((line) => line.includes(`,${name},`)) ?? '')
        .split(',')
        .slice(names.indexOf('sandbox_mean_s'))
    expect(status).toBe(0)
    // A minute of work with 3 of 4 cores takes 80 s.
    expect(cells('batch')).toEqual(['2', '4', '', '20', '1.333333'])
    expect(cells('web')).toEqual(['2', '4', '5', '0', ''])
  })

  it('has every annotation', () => {
    for (const name of BEHAVIOUR_ANNOTATIONS) expect(PAGE).toContain(`| \`${name}\` |`)
  })
})

describe('a run with pods that end', () => {
  it('lasts until they have, and not much longer', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'stowage-lifecycle-'))
    const file = path.join(folder, 'long.yaml')
    const metadata = { name: 'job', annotations: { 'stowage.dev/duration': '3h' } }
    const pod = {
      kind: 'Pod',
      metadata,
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'job:1' }] },
    }
    const spec = { nodes: [{ template: { count: 1, shape: '4:8Gi' } }], objects: ['pod.yaml'] }
    writeFileSync(path.join(folder, 'pod.yaml'), JSON.stringify(pod))
    writeFileSync(file, JSON.stringify({ apiVersion: 'stowage.dev/v1alpha1', kind: 'Scenario', spec }))
    const { sim, api } = await replayRun(
      loadScenario({ file, overrides: [] }),
      () => {},
      new AbortController().signal,
    )
    rmSync(folder, { recursive: true })
    expect([api.pods.unfinished, sim.now]).toEqual([0, 3 * HOUR + 2 * SECOND + 1])
  })
})
