import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { PROJECT_ROOT } from '../shared-data.ts'
import { stowage } from '../cli/command.ts'

/** Scenarios by which laws were broken once, as they were made smaller, with what was wrong. */
const FOUND = [
  ['missed-tries', 'no process led again after all had missed their tries in one outage'],
  [
    'pods-of-a-snapshot-on-a-lost-node',
    'pods that a snapshot of etcd brought back on a lost node stayed for ever',
  ],
  ['task-of-a-snapshot', 'a pod of a task was made twice when a snapshot of etcd brought the lost one back'],
  ['restore-without-a-quorum', 'kubelets wrote as a snapshot was restored, though etcd had no quorum yet'],
  ['notice-without-an-answer', 'a node was drained at its notice while no API server answered'],
  ['failure-of-broken-nodes', 'a failure of nodes that were broken before took less than no time'],
] as const

describe('what fuzzing has found', () => {
  it.each(FOUND)('is mended: %s (%s)', async (name) => {
    const file = path.join(PROJECT_ROOT, 'test/fuzz/found', `${name}.yaml`)
    const { out, status } = await stowage('fuzz', '--scenario', file)
    expect(out).toMatch(/^\d runs, [\d,]+ events: no law broken\n$/)
    expect(status).toBe(0)
  })
})
