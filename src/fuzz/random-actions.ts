import type { Draws, Value } from './draws.ts'
import { IMAGES } from './random-pod.ts'

interface Target {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** What actions are drawn from. */
export interface ActionGround {
  readonly objects: readonly Value[]
  /** Names of the nodes. */
  readonly nodes: readonly string[]
  /** Actions begin within so many seconds. */
  readonly span: number
}

/** Kinds that actions work on. */
const TOUCHED = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Pod',
  'PodDisruptionBudget',
  'PodGroup',
  'Namespace',
]

/** What people do to a cluster meanwhile, several things in one instant now and then. */
export function randomActions(draws: Draws, ground: ActionGround): readonly Value[] {
  const targets = ground.objects.flatMap((object): Target[] => {
    const kind = String(object['kind'])
    return !TOUCHED.includes(kind) ? [] : [{ kind, ...(object['metadata'] as Omit<Target, 'kind'>) }]
  })
  return draws.many(2, 16, () => randomAction(draws, targets, ground)).flat()
}

function randomAction(draws: Draws, targets: readonly Target[], ground: ActionGround): readonly Value[] {
  const second = draws.between(1, ground.span / 10) * 10
  const at = `${second}s`
  if (draws.isSo(0.2)) return nodeAction(draws, ground, second)
  const { kind, name, namespace } = draws.of(targets)
  const target = { kind, name, ...(namespace === undefined ? {} : { namespace }) }
  if (kind === 'Namespace' && draws.isSo(0.9)) return []
  if (draws.isSo(0.12) || kind === 'Namespace') {
    const propagationPolicy = draws.of(['Background', 'Foreground', 'Orphan'])
    return [{ at, delete: { ...target, propagationPolicy } }]
  }
  if (['Job', 'CronJob', 'PodDisruptionBudget', 'Pod', 'PodGroup'].includes(kind)) return []
  const verb = draws.of(['scale', 'scale', 'setImage', 'restart', 'pause', 'undo'])
  if (verb === 'scale' && kind !== 'DaemonSet') {
    return [{ at, scale: { ...target, replicas: draws.between(0, 8) } }]
  }
  if (verb === 'pause' && kind === 'Deployment') {
    const resumed = `${second + draws.between(0, 200)}s`
    return [
      { at, pause: target },
      { at: resumed, resume: target },
    ]
  }
  if (kind !== 'ReplicaSet' && (verb === 'restart' || verb === 'undo')) return [{ at, [verb]: target }]
  return [{ at, setImage: { ...target, images: { main: draws.of(IMAGES) } } }]
}

function nodeAction(draws: Draws, { nodes }: ActionGround, second: number): readonly Value[] {
  const at = `${second}s`
  const node = draws.of(nodes)
  if (draws.isSo(0.25)) {
    return [
      { at, cordon: { node } },
      { at: `${second + draws.between(0, 300)}s`, uncordon: { node } },
    ]
  }
  const timeout = `${draws.between(10, 900)}s`
  if (draws.isSo(0.15)) return [{ at, upgrade: { node, timeout, for: `${draws.between(1, 200)}s` } }]
  const uncordonAfter = `${draws.between(0, 300)}s`
  return [{ at, drain: { node, uncordonAfter, timeout, disableEviction: draws.isSo(0.2) } }]
}
