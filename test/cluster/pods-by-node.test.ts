import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ApiServer } from '../../src/cluster/api-server.ts'
import type { NodeRow, PodRow } from '../../src/cluster/rows.ts'
import { Simulation } from '../../src/engine/simulation.ts'

it('finds the pods of each node, whatever was created, bound and removed before and since the first question', () => {
  const step = fc.record({
    verb: fc.constantFrom('create', 'createBound', 'bind', 'remove', 'ask'),
    pod: fc.nat(1_000_000),
    node: fc.nat(40),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const sim = new Simulation({ seed: 1 })
      const api = new ApiServer(sim, [])
      for (let node = 0; node < 41; node++) api.nodes.create({ metadata: { name: `n${node}` } })
      const interned = api.pods.templates.internPod({ spec: { containers: [{ name: 'a' }] } })
      if (!interned.ok) throw new Error(interned.message)
      const template = interned.id
      const nodeOf = new Map<PodRow, NodeRow | undefined>()
      const some = (pods: readonly PodRow[], at: number): PodRow | undefined => pods[at % pods.length]
      const check = (node: number): void => {
        const rows = [...nodeOf].filter(([, on]) => on === node).map(([row]) => row)
        expect(api.pods.onNode(node as NodeRow)).toEqual(rows.toSorted((one, other) => one - other))
      }
      for (const { verb, pod, node } of steps) {
        const row = node as NodeRow
        if (verb === 'create') nodeOf.set(api.pods.create({ template }), undefined)
        else if (verb === 'createBound') nodeOf.set(api.pods.create({ template, node: row }), row)
        else if (verb === 'bind') {
          const unbound = [...nodeOf].filter(([, on]) => on === undefined).map(([one]) => one)
          const chosen = some(unbound, pod)
          if (chosen === undefined) continue
          api.pods.bind(chosen, row, 0)
          nodeOf.set(chosen, row)
        } else if (verb === 'remove') {
          const chosen = some([...nodeOf.keys()], pod)
          if (chosen === undefined) continue
          api.pods.remove(chosen)
          nodeOf.delete(chosen)
          sim.run()
        } else check(node)
      }
      for (let node = 0; node < 41; node++) check(node)
    }),
  )
})
