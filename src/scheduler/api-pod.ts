import type { Container, Pod } from '../api/types.generated.ts'
import type { PodStore } from '../cluster/pod-store.ts'
import type { PodRow } from '../cluster/rows.ts'

/** The UID of a pod; its key for those that have none. */
export function uidOf(pods: PodStore, row: PodRow): string {
  return pods.detailsOf(row).uid ?? pods.keyOf(row)
}

/** A pod as the API shows it to those outside: its template with its name and its own size. */
export function apiPod(pods: PodStore, row: PodRow): Pod {
  const { template } = pods.infoOf(row)
  const { ownerReferences } = pods.detailsOf(row)
  const node = pods.table.node(row)
  const priority = pods.table.priority(row)
  const containers = (template.spec.containers ?? []).map((container, index) =>
    index === 0 && template.sizing !== 'template' ? sized(container, pods, row) : container,
  )
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pods.nameOf(row),
      namespace: template.metadata.namespace,
      uid: uidOf(pods, row),
      labels: template.metadata.labels,
      annotations: template.metadata.annotations,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    spec: { ...template.spec, containers, priority },
    status: { phase: node < 0 ? 'Pending' : 'Running' },
  }
}

function sized(container: Container, pods: PodStore, row: PodRow): Container {
  const requests = {
    ...container.resources?.requests,
    cpu: `${pods.table.cpu(row)}m`,
    memory: String(pods.table.memory(row)),
  }
  return { ...container, resources: { ...container.resources, requests } }
}
