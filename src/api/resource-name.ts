/** API groups of the kinds that controllers make without saying their `apiVersion`; those of the core group are not here. */
const GROUPS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    apps: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
    autoscaling: ['HorizontalPodAutoscaler'],
    batch: ['CronJob', 'Job'],
    'coordination.k8s.io': ['Lease'],
    'discovery.k8s.io': ['EndpointSlice'],
    'networking.k8s.io': ['Ingress', 'NetworkPolicy'],
    policy: ['PodDisruptionBudget'],
    'resource.k8s.io': ['ResourceClaim', 'ResourceClaimTemplate'],
    'scheduling.k8s.io': ['PodGroup'],
    'storage.k8s.io': ['CSIStorageCapacity'],
  }).flatMap(([group, kinds]) => kinds.map((kind) => [kind, group] as const)),
)

/**
 * The resource of a kind with its group, as the API server names it in messages and quotas: `pods`, `deployments.apps`.
 *
 * Source: Kubernetes v1.37, apimachinery `schema.GroupResource.String`, on plurals as `meta.UnsafeGuessKindToResource` makes them.
 */
export function resourceName(kind: string, apiVersion?: string): string {
  const group = apiVersion === undefined ? GROUPS.get(kind) : apiVersion.split('/').slice(0, -1).join('')
  const plural = pluralOf(kind.toLowerCase())
  return group === undefined || group === '' ? plural : `${plural}.${group}`
}

function pluralOf(kind: string): string {
  if (kind.endsWith('endpoints')) return kind
  if (kind.endsWith('s')) return `${kind}es`
  if (/[^aeiou]y$/.test(kind)) return `${kind.slice(0, -1)}ies`
  return `${kind}s`
}
