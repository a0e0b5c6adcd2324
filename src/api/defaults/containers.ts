import { parseImageReference } from '../image-reference.ts'
import type {
  Container,
  ContainerPort,
  EnvVar,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
} from '../types.generated.ts'
import { roundResources } from './amounts.ts'
import { eachOf, withChanged, withDefaults } from './fields.ts'

/**
 * Defaults of a container, wherever it stands: pull policy by its tag, probes, protocols of ports, sources of its environment,
 * amounts in whole thousandths. Requests from limits are the pod's.
 *
 * Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_Container` and those of its parts (`zz_generated.defaults.go`).
 */
export function defaultContainer<T extends Container>(container: T): T {
  const isLatest = parseImageReference(container.image ?? '')?.tag === 'latest'
  const defaults: Partial<Container> = {
    imagePullPolicy: isLatest ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  }
  let next: Container = withDefaults<Container>(container, defaults)
  next = withChanged(next, 'ports', eachOf(defaultContainerPort))
  next = withChanged(next, 'env', eachOf(defaultVariable))
  next = withChanged(next, 'resources', roundResources)
  next = withChanged(next, 'livenessProbe', defaultProbe)
  next = withChanged(next, 'readinessProbe', defaultProbe)
  next = withChanged(next, 'startupProbe', defaultProbe)
  return withChanged(next, 'lifecycle', defaultLifecycle) as T
}

function defaultContainerPort(port: ContainerPort): ContainerPort {
  return withDefaults(port, { protocol: 'TCP' })
}

function defaultVariable(variable: EnvVar): EnvVar {
  return withChanged(variable, 'valueFrom', (source) =>
    withChanged(
      withChanged(source, 'fieldRef', (reference) => withDefaults(reference, { apiVersion: 'v1' })),
      'fileKeyRef',
      (reference) => withDefaults(reference, { optional: false }),
    ),
  )
}

/** A probe with its timings; 0 counts as not set. Source: Kubernetes v1.37, apis/core/v1 `SetDefaults_Probe`. */
export function defaultProbe(probe: Probe): Probe {
  const next = {
    ...probe,
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
  return withChanged(withChanged(next, 'httpGet', defaultHttpGet), 'grpc', (action) =>
    withDefaults(action, { service: '' }),
  )
}

function defaultHttpGet(action: HTTPGetAction): HTTPGetAction {
  return withDefaults(action, { path: '/', scheme: 'HTTP' })
}

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  return withChanged(withChanged(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler)
}

function defaultHandler(handler: LifecycleHandler): LifecycleHandler {
  return withChanged(handler, 'httpGet', defaultHttpGet)
}
