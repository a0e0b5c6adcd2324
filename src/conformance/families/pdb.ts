import type { Pod, PodDisruptionBudget, PodTemplateSpec } from '../../api/types.generated.ts'
import { SECOND } from '../../base/time.ts'
import { ApiServer } from '../../cluster/api-server.ts'
import { NO_LIMITS } from '../../cluster/client.ts'
import { createPod } from '../../cluster/create-pod.ts'
import type { StoredObject } from '../../cluster/object-store.ts'
import { OwnedPods } from '../../cluster/owned-pods.ts'
import type { NodeRow, PodRow } from '../../cluster/rows.ts'
import { startDisruptionController } from '../../controllers/disruption.ts'
import { Simulation } from '../../engine/simulation.ts'
import { logicFamily } from '../family.ts'

interface PdbInput {
  readonly owners:
    | readonly {
        readonly kind: string
        readonly name: string
        readonly replicas: number
        /** `KIND/NAME`. */
        readonly controller?: string
      }[]
    | null
  readonly pods: readonly Pod[] | null
  readonly pdb: PodDisruptionBudget
  readonly disruptedPodsAgeSeconds: Readonly<Record<string, number>> | null
}

/** Age of the oldest granted eviction that a case may have: the run begins so long before its start. */
const PAST_SECONDS = 1000

/** The status that the disruption controller gives a budget, at once and 130 s later. */
export const pdb = logicFamily<PdbInput>('pdb', (input) => {
  const sim = new Simulation({ seed: 1 })
  const api = new ApiServer(sim, [])
  sim.run(PAST_SECONDS * SECOND)
  api.nodes.create({ metadata: { name: 'node' } })
  const owned = new OwnedPods(api)
  const uids = createOwners(api, input.owners ?? [])
  for (const pod of input.pods ?? []) addPod(api, owned, uids, pod)
  const disruptedPods = Object.fromEntries(
    Object.entries(input.disruptedPodsAgeSeconds ?? {}).map(([name, age]) => [
      name,
      api.calendar.format(sim.now - age * SECOND),
    ]),
  )
  const budgets = api.collection<PodDisruptionBudget>('PodDisruptionBudget')
  budgets.create({ ...input.pdb, status: { ...input.pdb.status, ...noHealth(), disruptedPods } })
  startDisruptionController({ sim, api, limits: NO_LIMITS })
  const key = `${input.pdb.metadata?.namespace ?? ''}/${input.pdb.metadata?.name ?? ''}`
  sim.run(sim.now)
  const after0s = statusOf(budgets.get(key))
  sim.run(sim.now + 130 * SECOND)
  return { after0s, after130s: statusOf(budgets.get(key)) }
})

function noHealth(): NonNullable<PodDisruptionBudget['status']> {
  return { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
}

/** Creates the controllers; their uids by `KIND/NAME`. */
function createOwners(api: ApiServer, owners: NonNullable<PdbInput['owners']>): Map<string, StoredObject> {
  const created = new Map<string, StoredObject>()
  for (const { kind, name, replicas, controller } of owners) {
    const parent = controller === undefined ? undefined : created.get(controller)
    const [parentKind = '', parentName = ''] = controller?.split('/') ?? []
    const reference = {
      apiVersion: 'apps/v1',
      kind: parentKind,
      name: parentName,
      uid: parent?.metadata?.uid ?? '',
      controller: true,
    }
    const object = {
      apiVersion: 'apps/v1',
      kind,
      metadata: {
        name,
        namespace: 'default',
        ...(parent === undefined ? {} : { ownerReferences: [reference] }),
      },
      spec: { replicas },
    }
    const written = api.collection(kind).create(object)
    if (written.ok) created.set(`${kind}/${name}`, written.object)
  }
  return created
}

function addPod(
  api: ApiServer,
  owned: OwnedPods,
  owners: ReadonlyMap<string, StoredObject>,
  { metadata, status }: Pod,
): void {
  const reference = metadata?.ownerReferences?.find(({ controller }) => controller === true)
  const owner = reference === undefined ? undefined : owners.get(`${reference.kind}/${reference.name}`)
  const template = {
    metadata: { labels: metadata?.labels ?? {} },
    spec: { containers: [] },
  }
  const name = metadata?.name ?? ''
  const row =
    owner === undefined ? addOrphan(api, name, template) : addOwned(api, owned, owner, name, template)
  const isReady = status?.conditions?.some(({ type, status: said }) => type === 'Ready' && said === 'True')
  api.pods.bind(row, 0 as NodeRow, 0)
  if (status?.phase !== 'Pending') api.pods.markRunning(row, isReady === true)
  if (metadata?.deletionTimestamp !== undefined) {
    api.pods.requestDeletion(row, { grace: 1e6 * SECOND, reason: '' })
  }
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') {
    api.pods.finish(row, { succeeded: status.phase === 'Succeeded', reason: '' })
  }
}

type Template = Required<Pick<PodTemplateSpec, 'metadata' | 'spec'>>

function addOrphan(api: ApiServer, name: string, { metadata, spec }: Template): PodRow {
  const interned = api.pods.templates.internPod({ metadata: { ...metadata, namespace: 'default' }, spec })
  if (!interned.ok) throw new Error(interned.message)
  return api.pods.create({ template: interned.id, name })
}

function addOwned(
  api: ApiServer,
  owned: OwnedPods,
  object: StoredObject,
  name: string,
  template: Template,
): PodRow {
  const created = createPod(api, { owner: owned.ownerFor(object), template, name })
  if (!created.ok) throw new Error(created.message)
  return created.row
}

function statusOf(budget: PodDisruptionBudget | undefined): object {
  const {
    conditions = [],
    disruptedPods = {},
    observedGeneration: _,
    ...numbers
  } = budget?.status ?? noHealth()
  return {
    ...numbers,
    conditions: Object.fromEntries(
      conditions.map(({ type, status, reason }) => [type, `${status}/${reason}`]),
    ),
    disruptedPods: Object.keys(disruptedPods).sort(),
  }
}
