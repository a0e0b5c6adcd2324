import type { PodTemplate } from '../api/pod-template.ts'
import type { NodeSelectorTerm, PodTemplateSpec } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import { NO_NODE } from '../cluster/rows.ts'
import type { PodRow } from '../cluster/rows.ts'
import { daemonTolerations } from './daemon-rules.ts'

/** Label with the hash of the revision that a pod was made from. */
export const DAEMON_HASH_LABEL = 'controller-revision-hash'

/** A pod of a DaemonSet as it is. */
export interface DaemonPod {
  readonly row: PodRow
  readonly name: string
  /** Name of the node that it is on or meant for; undefined when nothing says so. */
  readonly target: string | undefined
  readonly isBound: boolean
  /** Hash of the revision that it was made from. */
  readonly hash: string
  /** As `PodTable.phase` has it. */
  readonly phase: number
  /** When it was created, in whole seconds, as the API knows it. */
  readonly createdSecond: number
  /** Since when it is ready; undefined when it is not. */
  readonly readySince: Micros | undefined
  readonly isTerminating: boolean
}

/** The pod of a row, as it is now. */
export function readDaemonPod(api: ApiServer, row: PodRow): DaemonPod {
  const { pods } = api
  const { table } = pods
  const { template } = pods.infoOf(row)
  const node = table.node(row)
  const isBound = node !== NO_NODE
  return {
    row,
    name: pods.nameOf(row),
    target: isBound ? api.nodeRows.nameOf(node) : targetOf(template),
    isBound,
    hash: template.metadata.labels[DAEMON_HASH_LABEL] ?? '',
    phase: table.phase(row),
    createdSecond: Math.floor(table.createdAt(row) / SECOND),
    readySince: table.isReady(row) ? table.readyAt(row) : undefined,
    isTerminating: table.deletingAt(row) !== NO_TIME,
  }
}

/** By whether they have a node, then age, then name: the first one is the one that counts on its node. */
export function byAge(one: DaemonPod, other: DaemonPod): number {
  if (one.isBound !== other.isBound) return one.isBound ? -1 : 1
  const age = one.createdSecond - other.createdSecond
  if (age !== 0) return age
  return one.name < other.name ? -1 : 1
}

const made = new WeakMap<PodTemplateSpec, Map<string, PodTemplateSpec>>()

/**
 * The template of the pod for one node: bound to it by its affinity, so that the scheduler places it there. The same object for
 * the same node and revision. Source: Kubernetes v1.37, controller/daemon/util `CreatePodTemplate`,
 * `ReplaceDaemonSetPodNodeNameNodeAffinity`.
 */
export function daemonTemplate(template: PodTemplateSpec, hash: string, node: string): PodTemplateSpec {
  let byNode = made.get(template)
  if (byNode === undefined) {
    byNode = new Map()
    made.set(template, byNode)
  }
  const key = `${hash} ${node}`
  const known = byNode.get(key)
  if (known !== undefined) return known
  const spec = template.spec ?? { containers: [] }
  const { affinity } = spec
  const term: NodeSelectorTerm = {
    matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }],
  }
  const placed: PodTemplateSpec = {
    metadata: {
      ...template.metadata,
      labels: { ...template.metadata?.labels, [DAEMON_HASH_LABEL]: hash },
    },
    spec: {
      ...spec,
      tolerations: daemonTolerations(spec),
      affinity: {
        ...affinity,
        nodeAffinity: {
          ...affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
        },
      },
    },
  }
  byNode.set(key, placed)
  return placed
}

const targets = new WeakMap<PodTemplate, string | undefined>()

/** Name of the node that a pod's affinity asks for. Source: Kubernetes v1.37, controller/daemon/util `GetTargetNodeName`. */
function targetOf(template: PodTemplate): string | undefined {
  if (targets.has(template)) return targets.get(template)
  const required = template.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const fields = (required?.nodeSelectorTerms ?? []).flatMap(({ matchFields = [] }) => matchFields)
  const named = fields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
  const target = named?.values?.length === 1 ? named.values[0] : undefined
  targets.set(template, target)
  return target
}
