interface RecordedObject {
  readonly kind?: string
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

/** Fields of `spec` that one kind alone has, of the kinds that are recorded without their kind. */
const SPEC_FIELDS: readonly (readonly [field: string, kind: string])[] = [
  ['jobTemplate', 'CronJob'],
  ['scaleTargetRef', 'HorizontalPodAutoscaler'],
  ['podSelector', 'NetworkPolicy'],
  ['serviceName', 'StatefulSet'],
  ['volumeClaimTemplates', 'StatefulSet'],
  ['updateStrategy', 'DaemonSet'],
  ['strategy', 'Deployment'],
  ['template', 'Job'],
  ['containers', 'Pod'],
  ['initContainers', 'Pod'],
  ['volumes', 'Pod'],
  ['restartPolicy', 'Pod'],
  ['terminationGracePeriodSeconds', 'Pod'],
  ['tolerations', 'Pod'],
  ['affinity', 'Pod'],
  ['nodeSelector', 'Pod'],
  ['hostNetwork', 'Pod'],
  ['hostname', 'Pod'],
  ['dnsPolicy', 'Pod'],
  ['priorityClassName', 'Pod'],
  ['activeDeadlineSeconds', 'Pod'],
  ['topologySpreadConstraints', 'Pod'],
  ['capacity', 'PersistentVolume'],
  ['persistentVolumeReclaimPolicy', 'PersistentVolume'],
  ['accessModes', 'PersistentVolumeClaim'],
  ['resources', 'PersistentVolumeClaim'],
]

/** The recorded object with its kind, which Kubernetes leaves out of what it keeps: told by its fields. */
export function withRecordedKind<T extends RecordedObject>(object: T): T & { readonly kind: string } {
  return { ...object, kind: object.kind ?? recordedKind(object) }
}

function recordedKind({ spec = {}, status = {} }: RecordedObject): string {
  if ('nodeInfo' in status || 'capacity' in status) return 'Node'
  if ('currentNumberScheduled' in status) return 'DaemonSet'
  if ('loadBalancer' in status) return 'Service'
  const [, kind = 'Pod'] = SPEC_FIELDS.find(([field]) => field in spec) ?? []
  return kind
}
