import type { PodSpec } from '../../api/types.generated.ts'
import type { PodShape } from './pod-shape.ts'

/**
 * What of a pod a plugin's verdicts and scores follow from, by name: pods that agree in all of it are equal for the
 * scheduler. Plain data; the order of keys does not matter.
 */
export type SignatureParts = Readonly<Record<string, unknown>>

/** Tolerations, in order of key and value. Source: kube-scheduler v1.37, framework `TolerationsSigner`. */
export function signTolerations(pod: PodShape): SignatureParts {
  const tolerations = [...(pod.spec.tolerations ?? [])].sort(
    (one, other) => compare(one.key ?? '', other.key ?? '') || compare(one.value ?? '', other.value ?? ''),
  )
  return { tolerations }
}

/** Total requests by resource. */
export function signRequests(pod: PodShape): SignatureParts {
  const { cpu, memory, ephemeralStorage, scalars } = pod.requests
  return { requests: { cpu, memory, ephemeralStorage, scalars: Object.fromEntries(scalars) } }
}

/** Volumes but for those of ConfigMaps and Secrets. Source: kube-scheduler v1.37, framework `VolumesSigner`. */
export function signVolumes(pod: PodShape): SignatureParts {
  const volumes = (pod.spec.volumes ?? [])
    .filter(({ configMap, secret }) => configMap === undefined && secret === undefined)
    .map((volume) => ({ ...volume, name: '' }))
  return { volumes }
}

/** Numbers of the ports of the host, each once. Source: kube-scheduler v1.37, framework `HostPortsSigner`. */
export function signHostPorts(pod: PodShape): SignatureParts {
  return { hostPorts: [...new Set(hostPortNumbers(pod.spec))].sort((one, other) => one - other) }
}

function hostPortNumbers(spec: PodSpec): number[] {
  return [...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort, containerPort }) => {
      const taken = hostPort ?? (spec.hostNetwork === true ? containerPort : 0)
      return taken === 0 ? [] : [taken]
    }),
  )
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
