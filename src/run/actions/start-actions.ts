import type { ApiServer } from '../../cluster/api-server.ts'
import { cordon } from '../../controllers/cordon.ts'
import { rollBack } from '../../controllers/rollback.ts'
import type { Simulation } from '../../engine/simulation.ts'
import type { Machines } from '../../node/machine.ts'
import type { ActionSource } from '../../scenario/action.ts'
import { readManifests } from '../../workload/node-list.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { applyManifests } from './apply-manifests.ts'
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

/**
 * Does the actions of a scenario when their time has come; returns the kinds of objects that they will create. Throws
 * `InputError` at once for manifests that cannot be read.
 */
export function startActions(parts: ActionParts, actions: readonly ActionSource[]): ReadonlySet<string> {
  const { sim } = parts
  const manifests = new Map<string, readonly Manifest[]>()
  for (const action of actions) {
    if (action.verb === 'apply') manifests.set(action.file, readManifests(action.file))
  }
  const counts = { drain: 0, upgrade: 0 }
  const perform = sim.payloadHandler<ActionSource>('actions/perform', (action) => {
    if (action.verb === 'drain') startDrain(parts, action, `drain/${(counts.drain += 1)}`)
    else if (action.verb === 'upgrade') startUpgrade(parts, action, `upgrade/${(counts.upgrade += 1)}`)
    else if (action.verb === 'undo') undo(parts, action)
    else parts.done(action, performed(parts, action, manifests))
  })
  for (const action of actions) sim.atWith(action.at, perform, action)
  return new Set([...manifests.values()].flatMap((objects) => objects.map(({ kind = '' }) => kind)))
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
    const { terminationGrace } = api.pods.infoOf(row)
    api.pods.requestDeletion(row, { grace: terminationGrace, reason: 'Deleted' })
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
