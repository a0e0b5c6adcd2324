import type { ContainerBehaviour } from '../../api/container-behaviour.ts'
import type { PodTemplate } from '../../api/pod-template.ts'
import { quantityMilli, quantityValue } from '../../api/quantity.ts'
import type { Container, LifecycleHandler, PodSpec, Quantity } from '../../api/types.generated.ts'
import { SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { PROBE_KINDS, planProbe } from './probe.ts'
import type { ProbePlan } from './probe.ts'
import type { RestartPolicy } from './restart-policy.ts'

/** What a container of a pod is: one that ends before the next starts, one that starts then and stays, or one of the rest. */
export type ContainerKind = 'init' | 'sidecar' | 'regular'

/** What is derived once of each container of a template. */
export interface ContainerPlan {
  /** Place among the init containers followed by the regular ones. */
  readonly index: number
  readonly kind: ContainerKind
  readonly spec: Container
  readonly behaviour: ContainerBehaviour
  /** Probes by kind, in the order of `PROBE_KINDS`. */
  readonly probes: readonly (ProbePlan | undefined)[]
  /** Millicores. */
  readonly cpuRequest: number
  readonly cpuLimit: number | undefined
  /** Bytes. */
  readonly memoryRequest: number
  readonly memoryLimit: number | undefined
}

/** What is derived once of each template whose pods have a worker. */
export interface PodPlan {
  /** Init containers, then regular ones. */
  readonly containers: readonly ContainerPlan[]
  readonly initCount: number
  readonly spec: PodSpec
  readonly restartPolicy: RestartPolicy
  readonly grace: Micros
  readonly activeDeadline: Micros | undefined
  /** Handler of its RuntimeClass; undefined for the runtime's own. */
  readonly runtimeHandler: string | undefined
}

/** Says how a container of a template behaves. */
export type BehaviourOf = (container: {
  readonly name: string
  readonly isRegular: boolean
}) => ContainerBehaviour

/** Derives the plan of a template. */
export function planPod(
  template: PodTemplate,
  behaviourOf: BehaviourOf,
  runtimeHandler: string | undefined,
): PodPlan {
  const { spec } = template
  const initContainers = spec.initContainers ?? []
  const containers = [...initContainers, ...spec.containers].map((container, index) => {
    const isRegular = index >= initContainers.length
    const kind = isRegular ? 'regular' : container.restartPolicy === 'Always' ? 'sidecar' : 'init'
    return planContainer(container, index, kind, behaviourOf({ name: container.name, isRegular }))
  })
  const policy = spec.restartPolicy
  return {
    containers,
    initCount: initContainers.length,
    spec,
    restartPolicy: policy === 'OnFailure' || policy === 'Never' ? policy : 'Always',
    grace: (spec.terminationGracePeriodSeconds ?? 30) * SECOND,
    activeDeadline:
      spec.activeDeadlineSeconds === undefined ? undefined : spec.activeDeadlineSeconds * SECOND,
    runtimeHandler,
  }
}

/** The plan of one container. */
export function planContainer(
  spec: Container,
  index: number,
  kind: ContainerKind,
  behaviour: ContainerBehaviour,
): ContainerPlan {
  const { requests = {}, limits = {} } = spec.resources ?? {}
  const probes = PROBE_KINDS.map((probeKind) => {
    const probe = spec[`${probeKind}Probe`]
    return probe === undefined || kind === 'init' ? undefined : planProbe(probeKind, probe)
  })
  const cpuLimit = milliOf(limits['cpu'])
  const memoryLimit = bytesOf(limits['memory'])
  return {
    index,
    kind,
    spec,
    behaviour,
    probes,
    cpuRequest: milliOf(requests['cpu']) ?? cpuLimit ?? 0,
    cpuLimit,
    memoryRequest: bytesOf(requests['memory']) ?? memoryLimit ?? 0,
    memoryLimit,
  }
}

/** Whether the pods of a template need no worker: one container, and nothing but its start and its end to look after. */
export function isSimpleSpec(spec: PodSpec): boolean {
  const [container, ...others] = spec.containers
  if (container === undefined || others.length > 0) return false
  if ((spec.initContainers ?? []).length > 0 || (spec.readinessGates ?? []).length > 0) return false
  if (spec.activeDeadlineSeconds !== undefined || (spec.runtimeClassName ?? '') !== '') return false
  if (container.lifecycle?.preStop !== undefined || container.lifecycle?.postStart !== undefined) return false
  if (container.restartPolicy !== undefined || container.restartPolicyRules !== undefined) return false
  return PROBE_KINDS.every((kind) => container[`${kind}Probe`] === undefined)
}

/** Whether a container starts again for what it asks for now: where its `resizePolicy` says so of what has changed. */
export function restartsForResize(
  before: ContainerPlan | undefined,
  now: ContainerPlan | undefined,
): boolean {
  if (before === undefined || now === undefined) return false
  const changed = {
    cpu: before.cpuRequest !== now.cpuRequest || before.cpuLimit !== now.cpuLimit,
    memory: before.memoryRequest !== now.memoryRequest || before.memoryLimit !== now.memoryLimit,
  }
  return (now.spec.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => {
    const isChanged = resourceName === 'cpu' ? changed.cpu : resourceName === 'memory' && changed.memory
    return isChanged && restartPolicy === 'RestartContainer'
  })
}

/** How long a hook sleeps; undefined when it does something else, which takes as long as the behaviour says. */
export function hookSleep(hook: LifecycleHandler): Micros | undefined {
  return hook.sleep === undefined ? undefined : hook.sleep.seconds * SECOND
}

function milliOf(text: Quantity | undefined): number | undefined {
  return text === undefined ? undefined : quantityMilli(text)
}

function bytesOf(text: Quantity | undefined): number | undefined {
  return text === undefined ? undefined : quantityValue(text)
}
