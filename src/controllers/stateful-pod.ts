import type { PodTemplateSpec, StatefulSet } from '../api/types.generated.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { NO_TIME } from '../cluster/pod-table.ts'
import type { PodRow } from '../cluster/rows.ts'

/** Label with the name of the ControllerRevision that a pod was made from. */
export const REVISION_LABEL = 'controller-revision-hash'
const NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const INDEX_LABEL = 'apps.kubernetes.io/pod-index'
const ORDINAL_MAX = 2 ** 31 - 1

/** What a StatefulSet's reconciliation knows of a pod in its store. */
export interface StoredStatefulPod {
  readonly row: PodRow
  readonly uid: string
  /** As `PodTable.phase` has it. */
  readonly phase: number
  /** Since when it is ready; undefined when it is not. */
  readonly readySince: Micros | undefined
  readonly isTerminating: boolean
  readonly hasIdentity: boolean
}

/** A pod of a StatefulSet, as it is or as it is to be. */
export interface StatefulPod {
  readonly name: string
  readonly ordinal: number
  /** Name of the ControllerRevision that it is made from. */
  readonly revision: string
  /** Undefined for a pod that is to be created. */
  readonly stored: StoredStatefulPod | undefined
}

/** Name of the set that a pod's name says and the ordinal in it; undefined when it ends in none. */
export function parsePodName(
  name: string,
): { readonly parent: string; readonly ordinal: number } | undefined {
  const match = /^(.*)-(\d+)$/s.exec(name)
  const ordinal = Number(match?.[2])
  if (match === null || ordinal > ORDINAL_MAX) return undefined
  return { parent: match[1] ?? '', ordinal }
}

/** The pod of a row, as it is now. */
export function readStatefulPod(api: ApiServer, row: PodRow): StatefulPod {
  const { pods } = api
  const { table } = pods
  const name = pods.nameOf(row)
  const { labels } = pods.infoOf(row).template.metadata
  return {
    name,
    ordinal: parsePodName(name)?.ordinal ?? -1,
    revision: labels[REVISION_LABEL] ?? '',
    stored: {
      row,
      uid: pods.uidOf(row),
      phase: table.phase(row),
      readySince: table.isReady(row) ? table.readyAt(row) : undefined,
      isTerminating: table.deletingAt(row) !== NO_TIME,
      hasIdentity: labels[NAME_LABEL] === name,
    },
  }
}

/** Name of the claim that a pod gets from a template of the set's `volumeClaimTemplates`. */
export function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${set.metadata?.name ?? ''}-${ordinal}`
}

const made = new WeakMap<PodTemplateSpec, Map<string, PodTemplateSpec>>()

/**
 * The template of one pod of the set: with its labels, host name and claims. The same object for the same pod of the same
 * revision. Source: Kubernetes v1.37, controller/statefulset `newStatefulSetPod`, `initIdentity`, `updateStorage`.
 */
export function identifiedTemplate(
  set: StatefulSet,
  template: PodTemplateSpec,
  { name, ordinal, revision }: StatefulPod,
): PodTemplateSpec {
  let byName = made.get(template)
  if (byName === undefined) {
    byName = new Map()
    made.set(template, byName)
  }
  const known = byName.get(name)
  if (known !== undefined) return known
  const { serviceName, volumeClaimTemplates = [] } = set.spec ?? {}
  const claims = volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? '')
  const others = (template.spec?.volumes ?? []).filter((volume) => !claims.includes(volume.name))
  const identified: PodTemplateSpec = {
    metadata: {
      ...template.metadata,
      labels: { ...template.metadata?.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision },
    },
    spec: {
      containers: [],
      ...template.spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
      volumes: [
        ...claims.map((claim) => ({
          name: claim,
          persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) },
        })),
        ...others,
      ],
    },
  }
  byName.set(name, identified)
  return identified
}

/** The labels by which a pod of a set is known. */
export function identityLabels(name: string, ordinal: number): Readonly<Record<string, string>> {
  return { [NAME_LABEL]: name, [INDEX_LABEL]: String(ordinal) }
}
