import type { PodGroup } from '../../api/types.generated.ts'
import type { ClusterView } from '../../scheduler/framework/cluster-view.ts'
import type { PodGroupLister } from '../../scheduler/framework/pod-groups.ts'
import type { PodIdentity } from '../../scheduler/framework/pod-identity.ts'
import type { PodShape } from '../../scheduler/framework/pod-shape.ts'
import { claimRemedies } from './claim-remedies.ts'
import type { Change } from './explanation.ts'
import { volumeRemedies } from './volume-remedies.ts'

/** A pod that was stopped before any node was looked at: held back from the queue, or rejected by PreFilter. */
export interface StoppedPod {
  /** Plugin that stopped it; empty where several left no node together. */
  readonly plugin: string
  readonly reasons: readonly string[]
  readonly shape: PodShape
  readonly identity: PodIdentity
  readonly cluster: ClusterView
  readonly groups: PodGroupLister | undefined
}

/** By plugin: what would make it let the pod go on. A user's plugin speaks by its reasons. */
const REMEDIES: ReadonlyMap<string, (stopped: StoppedPod) => readonly string[]> = new Map([
  ['SchedulingGates', gateRemedies],
  ['GangScheduling', groupRemedies],
  ['NodeAffinity', conflictRemedies],
  ['VolumeRestrictions', volumeRemedies],
  ['VolumeBinding', volumeRemedies],
  ['VolumeZone', volumeRemedies],
  ['NodeVolumeLimits', volumeRemedies],
  ['DynamicResources', claimRemedies],
  ['', emptyRemedies],
])

/** What would change it for a pod that was stopped: none of it concerns a single node. */
export function stopChanges(stopped: StoppedPod): readonly Change[] {
  const found = REMEDIES.get(stopped.plugin)?.(stopped) ?? []
  const texts = found.length > 0 ? found : [`${stopped.plugin}: ${stopped.reasons.join(', ')}`]
  return texts.map((text) => ({ text, opens: [], alsoNeededOn: [] }))
}

/** What would change it where PreFilter left only nodes that are not there; none where one is. */
export function absentNodeChanges(
  allowed: ReadonlySet<string> | undefined,
  cluster: ClusterView,
): readonly Change[] {
  if (allowed === undefined || [...allowed].some((name) => cluster.nodeNamed(name) !== undefined)) return []
  const names = [...allowed].sort().join(' or ')
  const text = `create node ${names}, or take its name from the pod's required node affinity or spec.nodeName`
  return [{ text, opens: [], alsoNeededOn: [] }]
}

function gateRemedies({ shape }: StoppedPod): readonly string[] {
  const gates = (shape.spec.schedulingGates ?? []).map(({ name }) => name)
  return [`remove spec.schedulingGates ${gates.join(' and ')}`]
}

function groupRemedies({ shape, cluster, groups }: StoppedPod): readonly string[] {
  const name = shape.spec.schedulingGroup?.podGroupName ?? ''
  const key = `${shape.namespace}/${name}`
  const group = cluster.object('PodGroup', key) as PodGroup | undefined
  if (group === undefined) return [`create PodGroup ${key}`]
  const minCount = group.spec.schedulingPolicy.gang?.minCount ?? 0
  const missing = minCount - (groups?.podGroup(shape.namespace, name)?.podCount ?? 0)
  return [
    `create ${missing} more ${missing === 1 ? 'pod' : 'pods'} of PodGroup ${key}, or lower its minCount of ${minCount}`,
  ]
}

/** No name satisfies the requirements on `metadata.name` of any term. */
function conflictRemedies({ shape }: StoppedPod): readonly string[] {
  const required = shape.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = (required?.nodeSelectorTerms ?? []).map(({ matchFields = [] }) =>
    matchFields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values = [] }) => values.join(' or '))
      .join(' and '),
  )
  return [
    `let a term of the pod's required node affinity name one node: it asks for ${terms.join('; or ')} at once`,
  ]
}

function emptyRemedies({ reasons }: StoppedPod): readonly string[] {
  return [`let the pod's spec.nodeName and its required node affinity agree on a node: ${reasons.join(', ')}`]
}
