import type { ApiServer } from '../../cluster/api-server.ts'
import { cordon } from '../../controllers/cordon.ts'
import { Drain } from '../../controllers/drain.ts'
import type { Simulation } from '../../engine/simulation.ts'
import type { ActionSource, NodeChoice } from '../../scenario/action.ts'
import { readManifests } from '../../workload/node-list.ts'
import type { Manifest } from '../../workload/node-list.ts'
import { applyManifests } from './apply-manifests.ts'
import { changeWorkload, keyOf, nameOf } from './change-workload.ts'

/** What actions work on. */
export interface ActionParts {
  readonly sim: Simulation
  readonly api: ApiServer
  readonly gates: ReadonlyMap<string, boolean>
  /** Hears of each action when it is done, with what it could not do. */
  readonly done: (action: ActionSource, problems: readonly string[]) => void
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
  let drains = 0
  const perform = sim.payloadHandler<ActionSource>('actions/perform', (action) => {
    if (action.verb === 'drain') startDrain(parts, action, `drain-${drains++}`)
    else parts.done(action, performed(parts, action, manifests))
  })
  for (const action of actions) sim.atWith(action.at, perform, action)
  return new Set([...manifests.values()].flatMap((objects) => objects.map(({ kind = '' }) => kind)))
}

function performed(
  { api, gates }: ActionParts,
  action: ActionSource,
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
    default:
      return []
  }
}

/** Is done node by node. */
function startDrain(
  { sim, api, done }: ActionParts,
  action: Extract<ActionSource, { verb: 'drain' }>,
  name: string,
): void {
  const nodes = nodesOf(api, action.nodes)
  if (nodes.length === 0) done(action, noNodes(api, action.nodes))
  new Drain({ sim, api, name }, nodes, action, ({ node, left }) => {
    const pods = left === 1 ? '1 pod was' : `${left} pods were`
    done({ ...action, nodes: { node } }, left === 0 ? [] : [`${pods} still on ${node} when it was given up`])
  })
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

/** Names of the chosen nodes in order of creation. */
export function nodesOf(api: ApiServer, choice: NodeChoice): readonly string[] {
  if ('node' in choice) return api.nodes.get(choice.node) === undefined ? [] : [choice.node]
  const wanted = Object.entries(choice.selector)
  return [...api.nodes.list()]
    .filter(({ metadata }) => wanted.every(([key, value]) => metadata?.labels?.[key] === value))
    .map(({ metadata }) => metadata?.name ?? '')
}

function noNodes(api: ApiServer, choice: NodeChoice): readonly string[] {
  return nodesOf(api, choice).length === 0 ? ['no node is meant by it'] : []
}
