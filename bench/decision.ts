/** How many decisions a second, by the index and by the definition, as the cluster grows? Default profile and sampling. */
import { plugins } from '../plugins/index.ts'
import { RandomStreams } from '../src/base/random.ts'
import { ApiServer } from '../src/cluster/api-server.ts'
import { Simulation } from '../src/engine/simulation.ts'
import { parseConfiguration } from '../src/scheduler/configuration/parse.ts'
import { buildProfiles } from '../src/scheduler/profile-builder.ts'
import { DEFAULT_QUEUE } from '../src/scheduler/queue-options.ts'
import { Scheduler } from '../src/scheduler/scheduler.ts'
import { PodTemplates } from '../src/workload/pod-templates.ts'
import { parseNodeShape } from '../src/workload/node-list.ts'
import type { BenchCase } from './bench-row.ts'

const PODS = 1_000
const MEBIBYTE = 1024 * 1024

/** Pods of 100 shapes, and every pod another shape, on 100 to 5,000 nodes. */
export function decisionCases(): BenchCase[] {
  return [100, 1_000, 5_000].flatMap((nodes) => [
    decisionCase(nodes, 100, true),
    decisionCase(nodes, PODS, true),
    ...(nodes <= 1_000 ? [decisionCase(nodes, PODS, false)] : []),
  ])
}

function decisionCase(nodes: number, shapes: number, usesIndex: boolean): BenchCase {
  const { sim, api } = buildCluster(nodes, usesIndex)
  const template = api.pods.templates.intern(new PodTemplates().of({}))
  if (!template.ok) throw new Error(template.message)
  const stream = new RandomStreams(1).stream('bench')
  let size = 0
  return {
    name: `decision, ${nodes.toLocaleString('en')} nodes, ${shapes === PODS ? 'every pod another shape' : `${shapes} shapes`}, ${usesIndex ? 'index' : 'definition'}`,
    unit: 'decisions',
    units: PODS,
    run: () => {
      const rows = []
      for (let i = 0; i < PODS; i++) {
        size = shapes === PODS ? size + 1 : stream.integer(shapes)
        rows.push(
          api.pods.create({
            template: template.id,
            cpu: 100 + (size % 900),
            memory: (128 + size) * MEBIBYTE,
          }),
        )
        sim.run(sim.now + 1)
      }
      const bound = rows.filter((row) => (api.pods.table.node[row] ?? -1) >= 0).length
      if (bound !== PODS) throw new Error(`${PODS - bound} pods were not bound`)
      for (const row of rows) api.pods.remove(row)
      sim.run(sim.now + 1)
      size %= 1_000_000
    },
  }
}

function buildCluster(nodes: number, usesIndex: boolean): { sim: Simulation; api: ApiServer } {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  for (const node of parseNodeShape(`${nodes}x64:4Ti:1100`)) api.nodes.create(node)
  const { profiles } = buildProfiles(parseConfiguration({}, 'config'), {
    registry: plugins,
    gates: new Map(),
  })
  new Scheduler(sim, api, {
    profiles,
    queue: DEFAULT_QUEUE,
    tieBreak: 'heap',
    usesIndex,
    watchLatency: 0,
    cycleTime: 0,
  })
  sim.run(1)
  return { sim, api }
}
