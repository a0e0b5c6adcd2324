import { expect, it } from 'vitest'

import type { DaemonSet, Node } from '../../../src/api/types.generated.ts'
import { withoutDaemonRoom } from '../../../src/plan/packing/daemon-room.ts'

function daemonSet(name: string, requests: Record<string, string>, pool?: string): DaemonSet {
  const selector = pool === undefined ? {} : { nodeSelector: { pool } }
  return {
    metadata: { name },
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: 'main', resources: { requests } }], ...selector } },
    },
  }
}

function node(name: string, pool: string, taint?: string): Node {
  const taints = taint === undefined ? [] : [{ key: taint, effect: 'NoSchedule' }]
  return {
    metadata: { name, labels: { pool } },
    spec: { taints },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
  }
}

it('takes from each node what the daemons that belong there request, and nothing for one that does not fit', () => {
  const nodes = [node('a', 'small'), node('b', 'large'), node('c', 'large', 'reserved')]
  const sets = [
    daemonSet('agent', { cpu: '250m', memory: '512Mi' }),
    daemonSet('large-only', { cpu: '1' }, 'large'),
    daemonSet('huge', { cpu: '16' }),
  ]
  const left = withoutDaemonRoom(nodes, sets).map(({ status }) => status?.allocatable)
  expect(left).toEqual([
    { cpu: '3750m', memory: '7680Mi', pods: '109' },
    { cpu: '2750m', memory: '7680Mi', pods: '108' },
    { cpu: '4', memory: '8Gi', pods: '110' },
  ])
  expect(withoutDaemonRoom(nodes, [])).toBe(nodes)
})
