import { describe, expect, it } from 'vitest'

import type { Deployment } from '../../src/api/types.generated.ts'
import { HOUR, SECOND } from '../../src/base/time.ts'
import { PHASE_NAMES } from '../../src/cluster/pod-table.ts'
import { NO_NODE } from '../../src/cluster/rows.ts'
import { replayRun } from '../../src/run/run.ts'
import type { ReplayedRun } from '../../src/run/run.ts'
import { inlineScenario, runInline } from './inline-scenario.ts'

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: web, resources: { requests: { cpu: 100m } } }] }
`

/** The pods of a run as `uid phase`, sorted; those without a node with a mark. */
function podsOf({ api }: ReplayedRun): string[] {
  const { pods } = api
  return [...pods.table.stored()]
    .map((row) => {
      const place = pods.table.node(row) === NO_NODE ? ' nowhere' : ''
      return `${pods.uidOf(row)} ${PHASE_NAMES[pods.table.phase(row)]}${place}`
    })
    .sort()
}

/** Plays a scenario; gives the run at its end, and its pods at some instants in seconds. */
async function played(spec: string, instants: readonly number[], objects = WEB) {
  const seen = new Map<number, string[]>()
  const run = await replayRun(
    inlineScenario(objects, spec),
    (parts) => {
      const look = parts.sim.payloadHandler<number>('test/look', (at) => seen.set(at, podsOf(parts)))
      for (const at of instants) parts.sim.atWith(at * SECOND, look, at)
    },
    new AbortController().signal,
  )
  return { run, seen, at: (instant: number) => seen.get(instant) ?? [] }
}

const scaleTo = (replicas: number): string =>
  `actions: [{ at: 100s, scale: { kind: Deployment, name: web, replicas: ${replicas} } }]`
const RESTORE = 'failures: [{ etcdDataLoss: { at: 200s, for: 60s, snapshotAge: 150s } }]'

describe('an etcd that is restored from a snapshot', () => {
  it('knows nothing of what was created since: pods that run are killed', async () => {
    const { run, at } = await played(`${scaleTo(5)}, ${RESTORE}, until: 10m`, [50, 199, 259, 599])
    expect(at(199)).toHaveLength(5)
    // While it is restored containers run on.
    expect(at(259)).toEqual(at(199))
    expect(at(599)).toEqual(at(50))
    const web = run.api.collection<Deployment>('Deployment').get('default/web')
    expect(web?.spec?.replicas).toBe(3)
  })

  it('has those again that were deleted since, with the same uid: their kubelets start them', async () => {
    const { at } = await played(`${scaleTo(1)}, ${RESTORE}, until: 10m`, [50, 199, 599])
    expect(at(199)).toHaveLength(1)
    expect(at(599)).toEqual(at(50))
  })

  it('goes on with revisions above those that were given', async () => {
    const revisions: number[] = []
    const { run } = await played(`${scaleTo(1)}, ${RESTORE}, until: 10m`, [])
    for (const { metadata } of run.api.collection<Deployment>('Deployment').list()) {
      revisions.push(Number(metadata?.resourceVersion))
    }
    expect(Math.min(...revisions)).toBeGreaterThan(20)
    expect(run.api.revision).toBeGreaterThanOrEqual(Math.max(...revisions))
  })

  it('forgets bindings and what was changed of nodes: pods that had none are killed, and wait again', async () => {
    const actions = [
      '{ at: 10s, cordon: { selector: {} } }',
      '{ at: 20s, scale: { kind: Deployment, name: web, replicas: 5 } }',
      '{ at: 100s, uncordon: { selector: {} } }',
    ]
    const spec = `actions: [${actions.join(', ')}], ${RESTORE}, until: 10m`
    const { at } = await played(spec, [50, 199, 599])
    expect(at(50).filter((pod) => pod.endsWith('nowhere'))).toHaveLength(2)
    expect(at(199).filter((pod) => pod.endsWith('nowhere'))).toHaveLength(0)
    expect(at(599)).toEqual(at(50))
  })

  it('is said in the warnings of the run', async () => {
    const { warnings } = await runInline(inlineScenario(WEB, `${scaleTo(5)}, ${RESTORE}, until: 10m`))
    expect(warnings.join('\n')).toContain('2 pods are gone, 0 are there again')
  })
})

describe('an etcd that loses its data without a backup', () => {
  it('loses the state of the cluster: no pod and no workload is left, and nobody makes them again', async () => {
    const failure = 'failures: [{ etcdDataLoss: { at: 200s, for: 60s } }]'
    const { run, at } = await played(`${failure}, until: 10m`, [259, 599])
    expect(at(259)).toHaveLength(3)
    expect(at(599)).toEqual([])
    expect(run.api.collection('Deployment').size).toBe(0)
    expect(run.api.nodes.size).toBe(1)
    const { warnings } = await runInline(inlineScenario(WEB, `${failure}, until: 10m`))
    expect(warnings.join('\n')).toContain('the state of the cluster is lost')
  })
})

describe('tasks of a trace', () => {
  const trace = [
    'name,arrival_s,cpu_milli,memory_mib,duration_s',
    'short,0,1000,100,150',
    'long,0,1000,100,400',
    'late,100,1000,100,300',
    'last,1000,1000,100,10',
  ].join('\n')

  it('that finished since the snapshot run again, and each succeeds once in the end', async () => {
    const failure = 'failures: [{ etcdDataLoss: { at: 200s, for: 60s, snapshotAge: 150s } }]'
    const spec = `workload: [{ trace: { file: trace.csv, format: csv } }], ${failure}`
    const succeeded: string[] = []
    const run = await replayRun(
      inlineScenario('', spec, { 'trace.csv': trace }),
      ({ sim, api }) => {
        api.pods.observe((_, row) => {
          if (api.pods.table.finishedAt(row) === sim.now && api.pods.table.phase(row) === 2) {
            const line = `${api.pods.nameOf(row)} ${Math.round(sim.now / SECOND)}`
            if (!succeeded.includes(line)) succeeded.push(line)
          }
        })
      },
      new AbortController().signal,
    )
    expect(succeeded[0]).toBe('short 152')
    // It had been running in the snapshot: its kubelet finds nothing of it, and it is made again.
    expect(succeeded.filter((line) => line.startsWith('short-r1'))).toHaveLength(1)
    expect(succeeded.filter((line) => line.startsWith('long '))).toEqual(['long 402'])
    // Nobody knew of it any more: it was submitted again, and placed once a scheduler led again.
    expect(succeeded.filter((line) => line.startsWith('late'))).toEqual([
      expect.stringMatching(/^late-r1 5[78]\d/),
    ])
    expect(run.api.pods.unfinished).toBe(0)
    expect(run.sim.now).toBeLessThan(2 * HOUR)
  })
})
