import type { Container, ContainerPort, Pod, PodSpec, PodTemplateSpec } from '../types.generated.ts'
import { roundAmounts, roundResources, withAbsent } from './amounts.ts'
import { defaultContainer } from './containers.ts'
import { eachOf, withChanged, withDefaults } from './fields.ts'
import { defaultVolume } from './volumes.ts'

/**
 * A pod as the API server keeps it; changes nothing on a pod that has its defaults.
 *
 * Source: Kubernetes v1.37, apis/core/v1 `SetObjectDefaults_Pod`: what is a pod's alone (`SetDefaults_Pod`), then what every
 * template of pods has. Pod-level amounts come later, at creation (`defaultPodLevelResources`).
 */
export function defaultPod(pod: Pod): Pod {
  return { ...pod, spec: defaultPodSpec(pod.spec ?? { containers: [] }) }
}

/** As `defaultPod`, for the spec of a pod. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  let next = withChanged(spec, 'containers', eachOf(requestLimits))
  next = withChanged(next, 'initContainers', eachOf(requestLimits))
  next = withDefaults(next, { enableServiceLinks: true })
  if (next.hostNetwork === true) {
    next = withChanged(next, 'containers', eachOf(takeHostPorts))
    next = withChanged(next, 'initContainers', eachOf(takeHostPorts))
  }
  return defaultTemplateSpec(next)
}

/** The template of pods of a workload: without what only a pod itself gets. */
export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  return { ...template, spec: defaultTemplateSpec(template.spec ?? { containers: [] }) }
}

/** Defaults that a pod and a template share. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_PodSpec` and its parts. */
function defaultTemplateSpec(spec: PodSpec): PodSpec {
  let next = withDefaults(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  })
  next = withChanged(next, 'volumes', eachOf(defaultVolume))
  next = withChanged(next, 'initContainers', eachOf(defaultContainer))
  next = withChanged(next, 'containers', eachOf(defaultContainer))
  next = withChanged(next, 'ephemeralContainers', eachOf(defaultContainer))
  next = withChanged(next, 'overhead', roundAmounts)
  return withChanged(next, 'resources', roundResources)
}

/** Requests that are absent are the limits. */
function requestLimits(container: Container): Container {
  return withChanged(container, 'resources', (resources) => {
    const requests = withAbsent(resources.requests, resources.limits)
    return requests === undefined || requests === resources.requests ? resources : { ...resources, requests }
  })
}

/** On the host's network a port of a container is one of the host. */
function takeHostPorts(container: Container): Container {
  return withChanged(container, 'ports', eachOf(takeHostPort))
}

function takeHostPort(port: ContainerPort): ContainerPort {
  return port.hostPort === undefined || port.hostPort === 0 ? { ...port, hostPort: port.containerPort } : port
}
