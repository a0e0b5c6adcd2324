import type { Container, PodSpec } from './types.generated.ts'

/** A port of the host that a container asks for. */
export interface HostPortRequest {
  readonly protocol: string
  /** Address it is bound to; `0.0.0.0` for every address. */
  readonly hostIP: string
  readonly hostPort: number
}

const known = new WeakMap<PodSpec, readonly HostPortRequest[]>()

/**
 * The ports of the host that a pod takes: those of its containers and of its restartable init containers.
 *
 * Source: kube-scheduler v1.37, scheduler/util `GetHostPorts`; with `hostNetwork` the API server has set each
 * `hostPort` to the container's port.
 */
export function hostPortsOf(spec: PodSpec): readonly HostPortRequest[] {
  let ports = known.get(spec)
  if (ports === undefined) {
    ports = readHostPorts(spec)
    known.set(spec, ports)
  }
  return ports
}

function readHostPorts(spec: PodSpec): readonly HostPortRequest[] {
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  return [...sidecars, ...spec.containers].flatMap((container) =>
    portsOf(container, spec.hostNetwork === true),
  )
}

function portsOf(container: Container, hostNetwork: boolean): HostPortRequest[] {
  const ports: HostPortRequest[] = []
  for (const port of container.ports ?? []) {
    const given = port.hostPort ?? 0
    const hostPort = given === 0 && hostNetwork ? port.containerPort : given
    if (hostPort <= 0) continue
    const hostIP = port.hostIP === undefined || port.hostIP === '' ? '0.0.0.0' : port.hostIP
    ports.push({ protocol: port.protocol ?? 'TCP', hostIP, hostPort })
  }
  return ports
}
