import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  ContainerRestartRule,
  EphemeralContainer,
  VolumeDevice,
  VolumeMount,
} from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { validateEnvironment, validateEnvironmentSources } from './environment.ts'
import type { VolumesByName } from './environment.ts'
import { duplicate, invalid, invalidEach, notSupported, required, tooMany } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { dns1123Label, portName, portNumber } from './names.ts'
import type { HandlerContext } from './probes.ts'
import { validatePullPolicy } from './pull-policy.ts'
import { validateContainerResources } from './resource-requirements.ts'
import { validateSecurityContext } from './security-context.ts'
import type { SecurityRules } from './security-context.ts'
import { validateVolumeDevices, validateVolumeMounts } from './volume-mounts.ts'

/** What of the pod the rules on its containers need. */
export interface ContainerContext extends HandlerContext, SecurityRules {
  readonly volumes: VolumesByName
  /** Names of the resource claims of the pod. */
  readonly claimNames: ReadonlySet<string>
  readonly restartPolicy: string
}

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const RESTART_ACTIONS = ['Restart', 'RestartAllContainers']
const RESTART_RULES_MAX = 20
const EXIT_CODES_MAX = 255

/**
 * The fields that all kinds of containers have.
 *
 * Source: Kubernetes v1.37, core/validation `validateContainerCommon`.
 */
export function validateCommonFields(
  container: Container | EphemeralContainer,
  context: ContainerContext,
  path: string,
): FieldErrors {
  const name = text(container.name)
  const mounts: readonly VolumeMount[] = items(container.volumeMounts)
  const devices: readonly VolumeDevice[] = items(container.volumeDevices)
  return [
    ...(name === '' ? [required(`${path}.name`)] : invalidEach(`${path}.name`, name, dns1123Label(name))),
    ...(text(container.image) === '' ? [required(`${path}.image`)] : []),
    ...messagePolicyErrors(text(container.terminationMessagePolicy), `${path}.terminationMessagePolicy`),
    ...portErrors(items(container.ports), `${path}.ports`),
    ...validateEnvironment(items(container.env), context.volumes, `${path}.env`),
    ...validateEnvironmentSources(items(container.envFrom), `${path}.envFrom`),
    ...validateVolumeMounts(mounts, devices, container, context.volumes, `${path}.volumeMounts`),
    ...validateVolumeDevices(devices, mounts, context.volumes, `${path}.volumeDevices`),
    ...validatePullPolicy(container.imagePullPolicy, `${path}.imagePullPolicy`),
    ...validateContainerResources(container.resources, context.claimNames, `${path}.resources`),
    ...resizeErrors(items(container.resizePolicy), context.restartPolicy, `${path}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, context, `${path}.securityContext`),
  ]
}

function messagePolicyErrors(policy: string, path: string): FieldErrors {
  if (policy === '') return [required(path)]
  return MESSAGE_POLICIES.includes(policy) ? [] : [notSupported(path, policy, MESSAGE_POLICIES)]
}

/** Ports: numbers, and names that are used once. Source: core/validation `validateContainerPorts`. */
function portErrors(ports: readonly ContainerPort[], path: string): FieldErrors {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const place = `${path}[${index}]`
    const number = whole(port.containerPort)
    const hostPort = whole(port.hostPort)
    const field = `${place}.containerPort`
    return [
      ...portNameErrors(text(port.name), names, `${place}.name`),
      ...(number === 0 ? [required(field)] : invalidEach(field, number, portNumber(number))),
      ...(hostPort === 0 ? [] : invalidEach(`${place}.hostPort`, hostPort, portNumber(hostPort))),
      ...validateProtocol(text(port.protocol), `${place}.protocol`),
    ]
  })
}

function portNameErrors(name: string, names: Set<string>, path: string): FieldErrors {
  if (name === '') return []
  const problems = portName(name)
  if (problems.length > 0) return invalidEach(path, name, problems)
  if (names.has(name)) return [duplicate(path, name)]
  names.add(name)
  return []
}

/** A protocol of a port. */
export function validateProtocol(protocol: string, path: string): FieldErrors {
  if (protocol === '') return [required(path)]
  return PROTOCOLS.includes(protocol) ? [] : [notSupported(path, protocol, PROTOCOLS)]
}

/** How containers take new amounts. Source: core/validation `validateResizePolicy`. */
function resizeErrors(
  policies: readonly ContainerResizePolicy[],
  restartPolicy: string,
  path: string,
): FieldErrors {
  const seen = new Set<string>()
  return policies.flatMap(
    ({ resourceName = '', restartPolicy: own = '' }: Partial<ContainerResizePolicy>, index) => {
      const isRepeated = seen.has(resourceName)
      seen.add(resourceName)
      const cannotRestart = restartPolicy === 'Never' && own !== 'NotRequired'
      const stays = "must be 'NotRequired' when `restartPolicy` is 'Never'"
      return [
        ...(isRepeated ? [duplicate(`${path}[${index}]`, { json: resourceName })] : []),
        ...oneOf(resourceName, ['cpu', 'memory'], path),
        ...oneOf(own, ['NotRequired', 'RestartContainer'], path),
        ...(cannotRestart ? [invalid(path, { json: own }, stays)] : []),
      ]
    },
  )
}

function oneOf(value: string, values: readonly string[], path: string): FieldErrors {
  if (value === '') return [required(path)]
  return values.includes(value) ? [] : [notSupported(path, value, values)]
}

/**
 * When a container restarts by a rule of its own.
 *
 * Source: Kubernetes v1.37, core/validation, feature gates ContainerRestartRules and
 * RestartAllContainersOnContainerExits.
 */
export function validateRestartPolicy(
  { restartPolicy, restartPolicyRules }: Container,
  path: string,
): FieldErrors {
  const rules = items(restartPolicyRules)
  const field = `${path}.restartPolicy`
  const needsPolicy = rules.length > 0 && restartPolicy === undefined
  const isUnknown = restartPolicy !== undefined && !RESTART_POLICIES.includes(restartPolicy)
  return [
    ...(needsPolicy ? [required(field, 'must specify restartPolicy when restart rules are used')] : []),
    ...(isUnknown ? [notSupported(field, restartPolicy, RESTART_POLICIES)] : []),
    ...tooManyErrors(rules.length, RESTART_RULES_MAX, `${path}.restartPolicyRules`),
    ...rules.flatMap((rule, index) => ruleErrors(rule, `${path}.restartPolicyRules[${index}]`)),
  ]
}

function ruleErrors({ action = '', exitCodes }: Partial<ContainerRestartRule>, path: string): FieldErrors {
  const isKnown = RESTART_ACTIONS.includes(action)
  const place = `${path}.exitCodes`
  return [
    ...(isKnown ? [] : [notSupported(`${path}.action`, action, RESTART_ACTIONS)]),
    ...(exitCodes === undefined
      ? [required(place, 'must be specified')]
      : [
          ...(['In', 'NotIn'].includes(exitCodes.operator)
            ? []
            : [notSupported(`${place}.operator`, text(exitCodes.operator), ['In', 'NotIn'])]),
          ...tooManyErrors(items(exitCodes.values).length, EXIT_CODES_MAX, `${place}.values`),
        ]),
  ]
}

function tooManyErrors(count: number, countMax: number, path: string): FieldErrors {
  return count > countMax ? [tooMany(path, count, countMax)] : []
}

/** Ports of the node that two containers want. Source: core/validation `AccumulateUniqueHostPorts`. */
export function validateHostPorts(containers: readonly Container[], path: string): FieldErrors {
  const taken = new Set<string>()
  return containers.flatMap(({ ports }, container) =>
    items(ports).flatMap(({ hostPort = 0, hostIP = '', protocol = '' }, index) => {
      if (hostPort === 0) return []
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) return [duplicate(`${path}[${container}].ports[${index}].hostPort`, key)]
      taken.add(key)
      return []
    }),
  )
}
