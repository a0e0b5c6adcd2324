import { describe, expect, it } from 'vitest'

import { ApiServer } from '../../src/cluster/api-server.ts'
import {
  POD_BOUND,
  POD_CREATED,
  POD_DELETED,
  POD_FINISHED,
  podEventName,
} from '../../src/cluster/pod-event.ts'
import type { RingEntry } from '../../src/cluster/change-ring.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'

function cluster(): { sim: Simulation; api: ApiServer; create: (name: string) => PodRow } {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  const interned = api.pods.templates.internPod({ spec: { containers: [{ name: 'a' }] } })
  if (!interned.ok) throw new Error(interned.message)
  return { sim, api, create: (name) => api.pods.create({ template: interned.id, name }) }
}

const NODE = { kind: 'Node', metadata: { name: 'n' } }

describe('writes', () => {
  it('take one revision each, of all kinds together', () => {
    const { api, create } = cluster()
    const node = api.nodes.create(NODE)
    const pod = create('p')
    expect(node.ok && node.object.metadata?.resourceVersion).toBe('1')
    expect(api.pods.table.revision(pod)).toBe(2)
    expect(api.revision).toBe(2)
  })

  it('freeze what they store', () => {
    const { api } = cluster()
    const written = api.nodes.create({ ...NODE, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })
    expect(written.ok && Object.isFrozen(written.object.spec?.taints?.[0])).toBe(true)
  })

  it('refuse what exists, what does not, and what was read before another write', () => {
    const { api } = cluster()
    const first = api.nodes.create(NODE)
    if (!first.ok) throw new Error(first.message)
    expect(api.nodes.create(NODE)).toMatchObject({ ok: false, reason: 'AlreadyExists' })
    expect(api.nodes.update({ kind: 'Node', metadata: { name: 'x' } })).toMatchObject({
      ok: false,
      reason: 'NotFound',
    })
    const second = api.nodes.update({ ...first.object, spec: { unschedulable: true } })
    expect(second.ok).toBe(true)
    expect(api.nodes.update({ ...first.object })).toMatchObject({ ok: false, reason: 'Conflict' })
  })

  it('bind a pod once, and never one that is gone', () => {
    const { api, create } = cluster()
    const pod = create('p')
    expect(api.pods.bind(pod, 0 as NodeRow, 0)).toBeUndefined()
    expect(api.pods.bind(pod, 0 as NodeRow, 0)).toBe('bound')
    api.pods.requestDeletion(pod, { grace: 1000, reason: '' })
    const other = create('q')
    api.pods.remove(other)
    expect(api.pods.bind(other, 0 as NodeRow, 0)).toBe('gone')
  })
})

describe('watches', () => {
  it('deliver after the latency, in order of revision, never inside the write', () => {
    const { sim, api, create } = cluster()
    const heard: string[] = []
    api.watch({
      name: 'now',
      podEvents: POD_CREATED | POD_BOUND,
      kinds: ['Node'],
      onPod: (entry) => heard.push(`now ${podEventName(entry.podEvent)} ${sim.now}`),
      onObject: (change) => heard.push(`now ${change.verb} ${sim.now}`),
    })
    api.watch({
      name: 'late',
      latency: 10,
      podEvents: POD_CREATED,
      onPod: (entry) => heard.push(`late ${podEventName(entry.podEvent)} ${sim.now}`),
    })
    api.nodes.create(NODE)
    const pod = create('p')
    api.pods.bind(pod, 0 as NodeRow, 0)
    expect(heard).toEqual([])
    sim.run()
    expect(heard).toEqual(['now ADDED 0', 'now created 0', 'now bound 0', 'late created 10'])
  })

  it('hear only of pods on nodes, or nothing of pods that have finished, where they ask for that', () => {
    const { sim, api, create } = cluster()
    const heard: string[] = []
    const podEvents = POD_CREATED | POD_BOUND | POD_FINISHED | POD_DELETED
    const hear = (name: string) => (entry: RingEntry) => heard.push(`${name} ${podEventName(entry.podEvent)}`)
    api.watch({ name: 'assigned', podEvents, assigned: true, onPod: hear('assigned') })
    api.watch({ name: 'unfinished', podEvents, podEventsOnceFinished: 0, onPod: hear('unfinished') })
    const pod = create('p')
    sim.run()
    api.pods.bind(pod, 0 as NodeRow, 0)
    api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
    sim.run()
    api.pods.remove(pod)
    sim.run()
    expect(heard).toEqual([
      'unfinished created',
      'assigned bound',
      'assigned finished',
      'unfinished bound',
      'unfinished finished',
      'assigned deleted',
    ])
  })

  it('are not woken for a write that they ignore', () => {
    const { sim, api, create } = cluster()
    const heard: PodRow[] = []
    let isIgnoring = true
    const onPod = ({ pod }: RingEntry) => heard.push(pod)
    api.watch({ name: 'deaf', podEvents: POD_CREATED, ignores: () => isIgnoring, onPod })
    create('ignored')
    sim.run()
    expect([heard, sim.executed]).toEqual([[], 0])
    isIgnoring = false
    const wanted = create('q')
    sim.run()
    expect(heard).toEqual([wanted])
  })

  it('hear of thousands of changes at once, while their handlers write as many', () => {
    const { sim, api, create } = cluster()
    let removed = 0
    let heard = 0
    api.watch({
      name: 'remover',
      podEvents: POD_FINISHED,
      onPod: ({ pod }) => {
        api.pods.remove(pod)
        removed += 1
      },
    })
    api.watch({ name: 'late', latency: 5, podEvents: POD_DELETED, onPod: () => (heard += 1) })
    const pods = Array.from({ length: 5000 }, (_, i) => create(`p${i}`))
    for (const pod of pods) api.pods.finish(pod, { succeeded: true, reason: 'Completed' })
    sim.run()
    expect([removed, heard, api.pods.count]).toEqual([5000, 5000, 0])
  })

  it('hear in one event of what is written before their turn, and in the next of what is written after it', () => {
    const { sim, api, create } = cluster()
    const heard: string[] = []
    const hear = (name: string) => heard.push(`${name} ${sim.executed}`)
    api.watch({ name: 'first', podEvents: POD_CREATED | POD_BOUND, onBatch: () => hear('first') })
    api.watch({
      name: 'binder',
      podEvents: POD_CREATED,
      onPod: ({ pod }) => void api.pods.bind(pod, 0 as NodeRow, 0),
    })
    api.watch({ name: 'last', podEvents: POD_BOUND, onBatch: () => hear('last') })
    create('p')
    sim.run()
    expect(heard).toEqual(['first 1', 'last 1', 'first 2'])
  })

  it('resume from a revision that is kept, and are refused one that is not', () => {
    const { sim, api, create } = cluster()
    const first = create('p')
    const heard: PodRow[] = []
    expect(
      api.watch({ name: 'again', from: 1, podEvents: POD_CREATED, onPod: (entry) => heard.push(entry.pod) }),
    ).toEqual({ ok: true })
    sim.run()
    expect(heard).toEqual([first])
    for (let i = 0; i < 5000; i++) api.pods.remove(create(`p${i}`))
    sim.run()
    for (let i = 0; i < 5000; i++) api.pods.remove(create(`q${i}`))
    expect(api.watch({ name: 'too late', from: 1 })).toMatchObject({ ok: false, reason: 'Expired' })
  })

  it('use the rows of deleted pods again, once everybody has heard', () => {
    const { sim, api, create } = cluster()
    let deleted = 0
    api.watch({ name: 'count', podEvents: POD_DELETED, onPod: () => (deleted += 1) })
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 200; i++) api.pods.remove(create(`p${round}-${i}`))
      sim.run()
    }
    expect(deleted).toBe(10_000)
    expect(api.pods.count).toBe(0)
    expect(api.pods.table.rowsUsed).toBeLessThan(3000)
  })
})
