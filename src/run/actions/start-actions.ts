import type { ApiServer } from '../../cluster/api-server.ts'
import { retryWait } from '../../cluster/retry-wait.ts'
import { cordon } from '../../controllers/cordon.ts'
import { taintNode, untaintNode } from '../../controllers/taint-node.ts'
import { rollBack } from '../../controllers/rollback.ts'
import { formatDuration } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import type { Simulation } from '../../engine/simulation.ts'
import type { Machines } from '../../node/machine.ts'
import type { ActionSource } from '../../scenario/action.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { DELETED } from '../../cluster/pod-reason.ts'
import { actionDetail } from './action-detail.ts'
import { applyManifests } from './apply-manifests.ts'
import { manifestsToApply } from './check-actions.ts'
import { changeWorkload, keyOf, nameOf } from './change-workload.ts'
import { noNodes, nodesOf, startDrain, startUpgrade } from './node-actions.ts'

/** What actions work on. */
export interface ActionParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly machines: Machines
  readonly gates: ReadonlyMap<string, boolean>
  /** Hears of each action, or of each step of one that takes time, with what it could not do and what it did. */
  readonly done: (action: ActionSource, problems: readonly string[], message?: string) => void
}

/** What actions work on that take time. */
export interface LongActionParts extends ActionParts {
  /** Hears when the next step is due, if that is known. */
  readonly goesOnUntil: (time: Micros) => void
  /** Nodes that are to be dealt with, by action: taken from here when they are. */
  readonly open: Map<ActionSource, Set<string>>
}

/** How far the actions of a run are. */
export interface ActionProgress {
  /** Kinds of the objects that they create. */
  readonly kinds: ReadonlySet<string>
  /** When the last one begins, or the last step that is known of one that takes time; 0 without any. */
  readonly lastAt: () => Micros
  /** Those that are under way, a line for each. */
  readonly unfinished: () => readonly string[]
}

/**
 * Does the actions of a scenario when their time has come. Throws `InputError` at once for manifests that are wrong.
 */
export function startActions(parts: ActionParts, actions: readonly ActionSource[]): ActionProgress {
  const { sim } = parts
  const manifests = manifestsToApply(parts.api, actions)
  const counts = { drain: 0, upgrade: 0 }
  let lastAt = Math.max(0, ...actions.map(({ at }) => at))
  const open = new Map<ActionSource, Set<string>>()
  const heard: LongActionParts = {
    ...parts,
    open,
    goesOnUntil: (time) => {
      lastAt = Math.max(lastAt, time)
    },
  }
  const retries = sim.random.stream('actions/retries')
  const unanswered = new Map<ActionSource, { readonly since: Micros; readonly count: number }>()
  const perform = sim.payloadHandler<ActionSource>('actions/perform', (action) => {
    if (!parts.api.availability.takesWrites) {
      const { since = sim.now, count = 0 } = unanswered.get(action) ?? {}
      unanswered.set(action, { since, count: count + 1 })
      if (count === 0) parts.done(action, [], 'no answer from the API server: tried again')
      const again = sim.now + retryWait(count, retries)
      heard.goesOnUntil(again)
      sim.atWith(again, perform, action)
      return
    }
    const from = unanswered.get(action)?.since ?? sim.now
    parts.api.load.told({ client: 'actions', reason: 'unavailable', from, until: sim.now })
    if (action.verb === 'drain') startDrain(heard, action, `drain/${(counts.drain += 1)}`)
    else if (action.verb === 'upgrade') startUpgrade(heard, action, `upgrade/${(counts.upgrade += 1)}`)
    else if (action.verb === 'undo') undo(parts, action)
    else parts.done(action, performed(parts, action, manifests), actionDetail(action))
  })
  for (const action of actions) sim.atWith(action.at, perform, action)
  const kinds = new Set([...manifests.values()].flatMap((objects) => objects.map(({ kind = '' }) => kind)))
  return { kinds, lastAt: () => lastAt, unfinished: () => [...open].flatMap(unfinishedText) }
}

function unfinishedText([{ verb, at }, nodes]: readonly [
  ActionSource,
  ReadonlySet<string>,
]): readonly string[] {
  if (nodes.size === 0) return []
  return [`${verb} at ${formatDuration(at)}: not done at the end of the run: ${[...nodes].join(', ')}`]
}

/** Actions that are done at once. */
type PromptAction = Exclude<ActionSource, { verb: 'drain' | 'upgrade' | 'undo' }>

function performed(
  { api, gates }: ActionParts,
  action: PromptAction,
  manifests: ReadonlyMap<string, readonly Manifest[]>,
): readonly string[] {
  switch (action.verb) {
    case 'apply':
      return applyManifests(api, action.file, manifests.get(action.file) ?? [], gates)
    case 'delete':
      return problems(deleteObject(api, action))
    case 'scale':
    case 'setImage':
    case 'restart':
    case 'pause':
    case 'resume':
      return problems(changeWorkload(api, action))
    case 'cordon':
    case 'uncordon':
      for (const name of nodesOf(api, action.nodes)) cordon(api, name, action.verb === 'cordon')
      return noNodes(api, action.nodes)
    case 'taint':
      for (const name of nodesOf(api, action.nodes)) taintNode(api, name, action.taint)
      return noNodes(api, action.nodes)
    case 'untaint':
      for (const name of nodesOf(api, action.nodes)) untaintNode(api, name, action.key, action.effect)
      return noNodes(api, action.nodes)
  }
}

function undo({ api, done }: ActionParts, action: Extract<ActionSource, { verb: 'undo' }>): void {
  const { ok, message } = rollBack(api, { ...action.target, toRevision: action.toRevision })
  if (ok) done(action, [], message)
  else done(action, [message])
}

function problems(problem: string | undefined): readonly string[] {
  return problem === undefined ? [] : [problem]
}

function deleteObject(
  api: ApiServer,
  { target, propagationPolicy }: Extract<ActionSource, { verb: 'delete' }>,
): string | undefined {
  if (target.kind === 'Pod') {
    const row = api.pods.rowOfGivenName(keyOf(target))
    if (row === undefined) return `there is no ${nameOf(target)}`
    api.pods.requestDeletion(row, { reason: DELETED })
    return undefined
  }
  const store = api.collection(target.kind)
  const key = store.get(target.name) === undefined ? keyOf(target) : target.name
  const written = store.delete(key, { propagationPolicy })
  return written.ok ? undefined : written.message
}

/** What an action is about, in a few words. */
export function actionObject(action: ActionSource): string {
  if ('target' in action) return nameOf(action.target)
  if ('file' in action) return action.file
  if ('node' in action.nodes) return action.nodes.node
  return Object.entries(action.nodes.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join()
}
