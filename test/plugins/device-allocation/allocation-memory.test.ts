import fc from 'fast-check'
import { expect, it } from 'vitest'

import { AllocatedDevices } from '../../../plugins/device-allocation/allocated-devices.ts'
import { AllocationError } from '../../../plugins/device-allocation/allocation-error.ts'
import { AllocationMemory } from '../../../plugins/device-allocation/allocation-memory.ts'
import { allocateOn } from '../../../plugins/device-allocation/allocator.ts'
import { DeviceCounts, devicesOf } from '../../../plugins/device-allocation/device-counts.ts'
import { slicesOf } from '../../../plugins/device-allocation/device-slices.ts'
import type {
  AllocationResult,
  DeviceClass,
  V1ResourceClaim as ResourceClaim,
} from '../../../src/api/types.generated.ts'
import { RandomStreams } from '../../../src/base/random.ts'
import type { RandomStream } from '../../../src/base/random.ts'
import type { ClusterView } from '../../../src/scheduler/framework/index.ts'
import { buildCluster } from '../../scheduler/cluster-builder.ts'
import type { TestCluster } from '../../scheduler/cluster-builder.ts'
import { deviceClass } from './devices.ts'
import { RandomDevices } from './random-devices.ts'

const NODES = 10

/** One cluster whose devices are asked for by way of the memory, and by the definition. */
class Duel {
  readonly memory: AllocationMemory
  readonly #cluster: TestCluster
  readonly #random: RandomStream
  readonly #make: RandomDevices
  #made = 0

  constructor(seed: number) {
    this.#random = new RandomStreams(seed).stream('test')
    this.#cluster = buildCluster()
    this.#make = new RandomDevices(this.#random)
    const { api } = this.#cluster
    for (let i = 0; i < NODES; i++) api.nodes.create(this.#make.node(`n${i}`))
    api.collection('DeviceClass').create(deviceClass('gpu'))
    api.collection('DeviceClass').create(deviceClass('fast', this.#make.selector()))
    for (let i = 0; i < 8; i++) this.#changeSlice()
    this.memory = new AllocationMemory(this.#cluster.scheduler.cluster, {
      hasLists: false,
      hasFractions: false,
    })
    this.#settle()
  }

  /** Changes something, then asks every node for some claims: what each way said of each. */
  step(): { fast: unknown[]; slow: unknown[] } {
    const draw = this.#random.uniform()
    if (draw < 0.03) this.#changeSlice()
    else if (draw < 0.1) this.#changeNode()
    else if (draw < 0.11) this.#changeClass()
    else if (draw < 0.12) this.#taint()
    else if (draw < 0.4) this.#free()
    this.#settle()
    const claims = Array.from({ length: 1 + this.#random.integer(2) }, () =>
      this.#make.claim(`c${this.#made++}`),
    )
    const ask = this.memory.ask(claims)
    const { cluster } = this.#cluster.scheduler
    const fast = cluster.order.map((node) =>
      saidOf(() => {
        const found = this.memory.answer(ask, node, cluster.nodes)
        if ('code' in found) return found.reasons.join()
        return this.memory.allocations(ask, found, cluster.nodes.name(node))
      }),
    )
    const slow = this.#definition(claims)
    const counts = this.#counts()
    const place = this.#random.integer(slow.length)
    if (this.#random.uniform() < 0.7) this.#take(claims, slow[place])
    return { fast: [...fast, ...counts.fast], slow: [...slow, ...counts.slow] }
  }

  /** How many devices of a class each node has, and how many of them are allocated. */
  #counts(): { fast: unknown[]; slow: unknown[] } {
    const { cluster } = this.#cluster.scheduler
    const made = cluster.object('DeviceClass', 'fast') as DeviceClass
    const counts = new DeviceCounts(new Map([['example.com/fast', made]]), cluster)
    const { all } = slicesOf(cluster)
    const allocated = allocatedOf(cluster)
    return {
      fast: cluster.order.map((node) => counts.of('example.com/fast', node, cluster.nodes)),
      slow: cluster.order.map((node) => {
        const target = { name: cluster.nodes.name(node), labels: cluster.nodes.labels(node) }
        const devices = devicesOf(made, target, all)
        return {
          count: devices.length,
          allocated: devices.filter(({ id }) => allocated.isAllocated(id)).length,
        }
      }),
    }
  }

  #definition(claims: readonly ResourceClaim[]): unknown[] {
    const { cluster } = this.#cluster.scheduler
    const state = {
      slices: slicesOf(cluster),
      allocated: allocatedOf(cluster),
      hasLists: false,
      deviceClass: (name: string) => cluster.object('DeviceClass', name) as DeviceClass | undefined,
    }
    return cluster.order.map((node) =>
      saidOf(() => {
        const target = { name: cluster.nodes.name(node), labels: cluster.nodes.labels(node) }
        const result = allocateOn(target, claims, state)
        return result.found ?? result.reason
      }),
    )
  }

  /** The claims get what a node has, in the API server or only assumed. */
  #take(claims: readonly ResourceClaim[], allocations: unknown): void {
    if (!Array.isArray(allocations)) return
    const { api, scheduler } = this.#cluster
    claims.forEach((claim, i) => {
      const allocation = allocations[i] as AllocationResult
      const kind = 'ResourceClaim'
      const allocated = { ...claim, kind, metadata: claim.metadata ?? {}, status: { allocation } }
      if (this.#random.uniform() < 0.5) api.collection<ResourceClaim>(kind).create(allocated)
      else {
        api.collection<ResourceClaim>(kind).create(claim)
        scheduler.cluster.assumed.assume([allocated])
      }
    })
  }

  /** A claim loses its devices: it goes, or what was assumed of it is forgotten. */
  #free(): void {
    const { api, scheduler } = this.#cluster
    const claims = [...api.collection<ResourceClaim>('ResourceClaim').list()]
    const claim = claims[this.#random.integer(Math.max(1, claims.length))]
    if (claim === undefined) return
    const { metadata = {} } = claim
    scheduler.cluster.assumed.forget([{ kind: 'ResourceClaim', metadata }])
    api.collection('ResourceClaim').delete(`default/${metadata.name ?? ''}`)
  }

  #changeSlice(): void {
    const made = this.#make.slices(`s${this.#random.integer(8)}`)
    const slices = this.#cluster.api.collection('ResourceSlice')
    for (const { metadata } of this.#make.replacedBy(made)) slices.delete(metadata?.name ?? '')
    for (const slice of made) slices.create(slice)
  }

  /** A node changes, comes or goes. */
  #changeNode(): void {
    const { nodes } = this.#cluster.api
    const name = `n${this.#random.integer(NODES)}`
    if (nodes.get(name) === undefined) nodes.create(this.#make.node(name))
    else if (this.#random.uniform() < 0.5) nodes.update(this.#make.node(name))
    else nodes.delete(name)
  }

  #changeClass(): void {
    this.#cluster.api.collection('DeviceClass').update(deviceClass('fast', this.#make.selector()))
  }

  #taint(): void {
    const rules = this.#cluster.api.collection('DeviceTaintRule')
    if (rules.size > 0) rules.delete('rule')
    else rules.create(this.#make.taintRule('rule'))
  }

  #settle(): void {
    this.#cluster.sim.run(this.#cluster.sim.now + 1)
  }
}

/** The devices that claims have, without what was known before. */
function allocatedOf(cluster: ClusterView): AllocatedDevices {
  return new AllocatedDevices(cluster.objects('ResourceClaim') as Iterable<ResourceClaim>)
}

function saidOf(ask: () => unknown): unknown {
  try {
    return ask()
  } catch (error) {
    if (error instanceof AllocationError) return `error: ${error.message}`
    throw error
  }
}

it('gives every node what the definition gives it, whatever changes', () => {
  const answered = { kept: 0, searched: 0, passedOver: 0 }
  const said = { found: 0, none: 0, errors: 0, counted: 0 }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const duel = new Duel(seed)
      for (let step = 0; step < 60; step++) {
        const { fast, slow } = duel.step()
        expect(fast).toEqual(slow)
        for (const each of slow) {
          if (Array.isArray(each)) said.found += 1
          else if (String(each).startsWith('error')) said.errors += 1
          else if (typeof each === 'string') said.none += 1
          else said.counted += (each as { count: number }).count
        }
      }
      const { kept, searched, passedOver } = duel.memory.remembered
      answered.kept += kept
      answered.searched += searched
      answered.passedOver += passedOver
    }),
    { seed: 3, numRuns: 60 },
  )
  for (const count of [...Object.values(answered), ...Object.values(said)]) expect(count).toBeGreaterThan(500)
})
