import { formatDuration } from '../../base/time.ts'
import type { ApiServer } from '../../cluster/api-server.ts'
import { Drain } from '../../controllers/drain.ts'
import type { DrainedNode } from '../../controllers/node-drains.ts'
import { UpgradeWave, leftOver } from '../../controllers/upgrade-wave.ts'
import type { UpgradeStep } from '../../controllers/upgrade-wave.ts'
import type { ActionSource, NodeChoice } from '../../scenario/action.ts'
import type { LongActionParts } from './start-actions.ts'
import { selectNodes } from '../build-nodes.ts'

type DrainSource = Extract<ActionSource, { verb: 'drain' }>
type UpgradeSource = Extract<ActionSource, { verb: 'upgrade' }>

/** Names of the chosen nodes in order of creation. */
export function nodesOf(api: ApiServer, choice: NodeChoice): readonly string[] {
  if ('node' in choice) return api.nodes.get(choice.node) === undefined ? [] : [choice.node]
  return selectNodes(api, choice.selector).map(({ name }) => name)
}

/** What is wrong with a choice that means no node; nothing otherwise. */
export function noNodes(api: ApiServer, choice: NodeChoice): readonly string[] {
  if (nodesOf(api, choice).length > 0) return []
  return ['node' in choice ? `there is no node ${choice.node}` : 'no node has the labels of the selector']
}

/** Drains nodes; each is done when it is empty, or given up. `name` is of this drain alone. */
export function startDrain(
  { sim, api, done, goesOnUntil, open }: LongActionParts,
  action: DrainSource,
  name: string,
): void {
  const nodes = nodesOf(api, action.nodes)
  if (nodes.length === 0) done(action, noNodes(api, action.nodes))
  const left = new Set(nodes)
  open.set(action, left)
  new Drain({ sim, api, name }, nodes, action, (drained) => {
    left.delete(drained.node)
    goesOnUntil(sim.now + (action.uncordonAfter ?? 0))
    const problems = drained.left === 0 ? [] : [leftOver(drained)]
    done({ ...action, nodes: { node: drained.node } }, problems, drainedText(drained))
  })
}

/** Upgrades nodes; tells of each step of each node, and of the end of the wave. `name` is of this wave alone. */
export function startUpgrade(
  { sim, api, machines, done, goesOnUntil, open }: LongActionParts,
  action: UpgradeSource,
  name: string,
): void {
  const nodes = nodesOf(api, action.nodes)
  if (nodes.length === 0) {
    done(action, noNodes(api, action.nodes))
    return
  }
  const left = new Set(nodes)
  open.set(action, left)
  const stream = sim.random.stream(`actions/${name}`)
  const options = { ...action, downtime: () => action.downtime(stream) }
  new UpgradeWave({ sim, api, machines, name }, nodes, options, (step) => {
    if (step.step === 'ended') {
      left.clear()
      const result = `${step.upgraded} of ${step.total} nodes upgraded`
      done(action, step.isStopped ? [`stopped: ${result}`] : [], step.isStopped ? '' : result)
      return
    }
    goesOnUntil(sim.now + (step.step === 'down' ? step.span : 0))
    if (step.step === 'upgraded' || step.step === 'deleted') left.delete(step.node)
    const about = step.node === undefined ? action : { ...action, nodes: { node: step.node } }
    if (step.step === 'failed') done(about, [step.problem])
    else done(about, [], stepText(step, action, sim.now))
  })
}

function stepText(
  step: Exclude<UpgradeStep, { step: 'ended' | 'failed' }>,
  { software }: UpgradeSource,
  now: number,
): string {
  switch (step.step) {
    case 'drained':
      return drainedText(step.drained)
    case 'down':
      return `down for ${formatDuration(step.span)}`
    case 'upgraded': {
      const versions = Object.values(software).map((version) => ` ${version}`)
      const down = formatDuration(now - step.downAt)
      return `upgraded${versions.join()}: Ready ${down} after it went down, uncordoned`
    }
    case 'deleted':
      return 'left out: the node was deleted'
  }
}

/** A drain in words: who went, who stayed, how often a budget said no. */
function drainedText({ startedAt, endedAt, evicted, refusals, left, pods }: DrainedNode): string {
  const facts: readonly (readonly [number, string])[] = [
    [refusals, 'refused for a budget'],
    [pods.localStorage, 'with local storage'],
    [pods.unmanaged, 'that nobody makes again'],
    [pods.daemonSet, 'of DaemonSets stayed'],
    [left, 'still there'],
  ]
  const more = facts.filter(([count]) => count > 0).map(([count, what]) => `, ${count} ${what}`)
  return `drained in ${formatDuration(endedAt - startedAt)}: ${evicted} evicted${more.join('')}`
}
