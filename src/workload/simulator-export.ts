/** Kinds of the lists in an export of kube-scheduler-simulator (its `ResourcesForSnap`), by key. */
const KIND_BY_KEY: ReadonlyMap<string, readonly [apiVersion: string, kind: string]> = new Map([
  ['nodes', ['v1', 'Node']],
  ['pvs', ['v1', 'PersistentVolume']],
  ['pvcs', ['v1', 'PersistentVolumeClaim']],
  ['storageClasses', ['storage.k8s.io/v1', 'StorageClass']],
  ['priorityClasses', ['scheduling.k8s.io/v1', 'PriorityClass']],
  ['namespaces', ['v1', 'Namespace']],
  ['pods', ['v1', 'Pod']],
])

/** Key of the scheduler's configuration in an export. */
const CONFIGURATION_KEY = 'schedulerConfig'

/** Whether an object without a kind is an export of kube-scheduler-simulator: it has lists under the names of one. */
export function isSimulatorExport(object: object): boolean {
  return Object.entries(object).some(([key, value]) => KIND_BY_KEY.has(key) && Array.isArray(value))
}

/** The objects of an export, each with the kind that its list stands for, and the scheduler's configuration last. */
export function exportedObjects(object: object): readonly object[] {
  const fields = new Map<string, unknown>(Object.entries(object))
  const objects = [...KIND_BY_KEY].flatMap(([key, [apiVersion, kind]]) => {
    const list: unknown = fields.get(key)
    if (!Array.isArray(list)) return []
    return list.map((item: object) => ({ ...item, apiVersion, kind }))
  })
  const configuration = fields.get(CONFIGURATION_KEY)
  if (typeof configuration !== 'object' || configuration === null) return objects
  return [
    ...objects,
    { apiVersion: 'kubescheduler.config.k8s.io/v1', ...configuration, kind: 'KubeSchedulerConfiguration' },
  ]
}
