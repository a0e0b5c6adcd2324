import { Draws } from './draws.ts'
import type { Value } from './draws.ts'
import { randomFaults } from './fault-kinds.ts'
import type { FuzzCase } from './fuzz-case.ts'
import { randomActions } from './random-actions.ts'
import { POOLS, POOL_LABEL, POOL_TAINT } from './random-pod.ts'
import { randomExtras } from './random-extras.ts'
import { randomPolicy, randomSettings } from './random-settings.ts'
import { randomObjects, randomTasks } from './random-workloads.ts'

/** Seconds within which actions, faults and tasks begin. */
const BUSY = 1200
/**
 * Seconds after that in which nothing begins any more, so that all that was broken is whole at the end: a fault may last 1500, then
 * come tolerations of 300, crash loops of 300, back-offs of 600.
 */
const QUIET = 5430

/** What seconds of quiet after faults and actions are enough for a cluster to be whole. */
export const SETTLE_SECONDS = 3600

const ZONES = ['zone-a', 'zone-b', 'zone-c'] as const

/**
 * A small cluster with workloads of all kinds, of which people scale, change, pause, restart and delete some, and drain nodes, while
 * tasks arrive and things break: all in twenty minutes, after which an hour and more is quiet. Each part is drawn by a stream of
 * its own.
 */
export function randomCase(seed: number): FuzzCase {
  const draws = (part: string): Draws => new Draws(seed, part)
  const zones = ZONES.slice(0, draws('zones').between(1, 3))
  const nodes = randomNodes(draws('nodes'), zones)
  const names = nodes.flatMap(({ template }) => namesOf(template as NodeTemplate))
  const extras = randomExtras(draws('extras'), names)
  const objects = [...randomObjects(draws('workloads')), ...extras.objects]
  const settings = randomSettings(draws('settings'))
  const featureGates = { ...(settings['featureGates'] as Value), ...extras.featureGates }
  // Nodes of a template go to its zones in turn: a few of them are in the first ones.
  const most = Math.max(...nodes.map(({ template }) => (template as NodeTemplate).count))
  const ground = { objects, nodes: names, zones: zones.slice(0, most), span: BUSY }
  return {
    name: `seed-${seed}`,
    seed,
    until: BUSY + QUIET,
    nodes,
    objects,
    actions: randomActions(draws('actions'), ground),
    failures: randomFaults(draws('failures'), ground),
    tasks: randomTasks(draws('tasks'), BUSY),
    settings: { ...settings, ...randomPolicy(draws('policy')), featureGates },
  }
}

/** The same without its faults: another outcome is theirs. */
export function withoutFaults(fuzzCase: FuzzCase): FuzzCase {
  return { ...fuzzCase, failures: [] }
}

interface NodeTemplate {
  readonly namePrefix: string
  readonly count: number
}

function randomNodes(draws: Draws, zones: readonly string[]): readonly Value[] {
  const pools = draws.isSo(0.3) ? POOLS : POOLS.slice(0, 1)
  return pools.map((pool) => {
    const isSpecial = pool !== POOLS[0]
    const template = {
      namePrefix: pool,
      count: isSpecial ? draws.between(1, 2) : draws.between(2, 6),
      shape: draws.of(['2:4Gi', '4:16Gi', '4:8Gi:12', '16:64Gi', '8:32Gi:gpu=2']),
      zones,
      labels: { [POOL_LABEL]: pool },
      ...(isSpecial && draws.isSo(0.6)
        ? { taints: [{ key: POOL_TAINT, effect: draws.of(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) }] }
        : {}),
    }
    return { template }
  })
}

/** Names of the nodes of a template with fewer than ten. */
function namesOf({ namePrefix, count }: NodeTemplate): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${namePrefix}-${index}`)
}
