import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { SECOND } from '../../../src/base/time.ts'
import { PHASE_SUCCEEDED } from '../../../src/cluster/pod-table.ts'
import { stowage, testFolder } from '../../cli/command.ts'
import { LifecycleCluster } from './lifecycle-cluster.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Seconds at which the pods of a run finished, by what came of them. */
async function pods(...words: readonly string[]): Promise<readonly string[]> {
  const out = path.join(folder, 'out')
  const example = 'docs/examples/checkpoints.yaml'
  expect((await stowage('run', example, '--quiet', '--force', '--out', out, ...words)).status).toBe(0)
  const [header = '', ...rows] = readFileSync(path.join(out, 'pods.csv'), 'utf8').trim().split('\n')
  const names = header.split(',')
  const [running, finished] = [names.indexOf('running_s'), names.indexOf('finished_s')]
  return rows.map((row) => {
    const cells = row.split(',')
    return `${cells[finished] === '' ? 'lost' : Number(cells[finished]) - Number(cells[running])}`
  })
}

describe('a container with checkpoints', () => {
  it('has its work done by the pod in its place from the last one on', async () => {
    // 49 min 58 s of 2 h, every 12 minutes: 48 are kept.
    expect(await pods()).toEqual(['lost', String(72 * 60)])
  })

  it('goes on in its own pod when it starts again', () => {
    const cluster = new LifecycleCluster({ kubelet: { startup: () => 0, stop: () => 0 } })
    const run = (annotations: Record<string, string>): number => {
      const spec = { restartPolicy: 'OnFailure', containers: [{ name: 'app' }] }
      const pod = cluster.pod(spec, { duration: '100s', ...annotations })
      const { sim, machines, api } = cluster
      const start = sim.now / SECOND
      cluster.at(start + 70, () => machines.crash(cluster.node0, 'test'))
      cluster.at(start + 80, () => machines.restore(cluster.node0, 'test'))
      let done = 0
      for (let second = 81; second < 400 && done === 0; second++) {
        cluster.runTo(start + second)
        if (api.pods.table.phase(pod) === PHASE_SUCCEEDED) done = second
      }
      return done
    }
    expect(run({})).toBe(180)
    expect(run({ 'checkpoint-interval': '30s' })).toBe(120)
    expect(run({ 'checkpoint-interval': '71s' })).toBe(180)
  })
})
