import type {
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  HTTPHeader,
  IntOrString,
  Lifecycle,
  LifecycleHandler,
  Probe,
  SleepAction,
  TCPSocketAction,
} from '../types.generated.ts'
import { items, text, whole } from './absent.ts'
import { forbidden, invalid, invalidEach, notSupported, required } from './field-error.ts'
import type { FieldErrors } from './field-error.ts'
import { nonNegative } from './metadata.ts'
import { headerName, portName, portNumber } from './names.ts'

/** What is known of the pod where its handlers are checked. */
export interface HandlerContext {
  /** Grace period of the pod in seconds; undefined when it is invalid itself. */
  readonly gracePeriodSeconds: number | undefined
  /** Operating system that the pod names. */
  readonly system: string | undefined
}

interface Handler {
  readonly exec?: ExecAction
  readonly httpGet?: HTTPGetAction
  readonly tcpSocket?: TCPSocketAction
  readonly grpc?: GRPCAction
  readonly sleep?: SleepAction
}

const SCHEMES = ['HTTP', 'HTTPS']
const REAL_TIME_BELOW = Array.from({ length: 14 }, (_, index) => `SIGRTMAX-${index + 1}`)
const REAL_TIME_ABOVE = Array.from({ length: 15 }, (_, index) => `SIGRTMIN+${index + 1}`)
const LINUX_SIGNALS = [
  ...['SIGABRT', 'SIGALRM', 'SIGBUS', 'SIGCHLD', 'SIGCLD', 'SIGCONT', 'SIGFPE', 'SIGHUP', 'SIGILL', 'SIGINT'],
  ...['SIGIO', 'SIGIOT', 'SIGKILL', 'SIGPIPE', 'SIGPOLL', 'SIGPROF', 'SIGPWR', 'SIGQUIT', 'SIGRTMAX'],
  ...[
    'SIGRTMIN',
    ...REAL_TIME_BELOW,
    ...REAL_TIME_ABOVE,
    'SIGSEGV',
    'SIGSTKFLT',
    'SIGSTOP',
    'SIGSYS',
    'SIGTERM',
  ],
  ...['SIGTRAP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGWINCH'],
  ...['SIGXCPU', 'SIGXFSZ'],
].toSorted()
const WINDOWS_SIGNALS = ['SIGKILL', 'SIGTERM']

/**
 * The probes of a container.
 *
 * Source: Kubernetes v1.37, core/validation `validateLivenessProbe` and its kin.
 */
export function validateProbes(
  probes: { readonly livenessProbe?: Probe; readonly readinessProbe?: Probe; readonly startupProbe?: Probe },
  context: HandlerContext,
  path: string,
): FieldErrors {
  const { livenessProbe, readinessProbe, startupProbe } = probes
  return [
    ...(livenessProbe === undefined ? [] : onceErrors(livenessProbe, context, `${path}.livenessProbe`)),
    ...(readinessProbe === undefined
      ? []
      : readinessErrors(readinessProbe, context, `${path}.readinessProbe`)),
    ...(startupProbe === undefined ? [] : onceErrors(startupProbe, context, `${path}.startupProbe`)),
  ]
}

/** A probe that one success satisfies. */
function onceErrors(probe: Probe, context: HandlerContext, path: string): FieldErrors {
  const successes = whole(probe.successThreshold)
  const place = `${path}.successThreshold`
  return [
    ...probeErrors(probe, context, path),
    ...(successes === 1 ? [] : [invalid(place, successes, 'must be 1')]),
  ]
}

function readinessErrors(probe: Probe, context: HandlerContext, path: string): FieldErrors {
  const seconds = probe.terminationGracePeriodSeconds
  const place = `${path}.terminationGracePeriodSeconds`
  return [
    ...probeErrors(probe, context, path),
    ...(seconds === undefined ? [] : [invalid(place, seconds, 'must not be set for readinessProbes')]),
  ]
}

function probeErrors(probe: Probe, context: HandlerContext, path: string): FieldErrors {
  const { terminationGracePeriodSeconds: seconds } = probe
  const isShort = seconds !== undefined && seconds <= 0
  return [
    ...handlerErrors(probe, context, path),
    ...nonNegative(probe.initialDelaySeconds, `${path}.initialDelaySeconds`),
    ...nonNegative(probe.timeoutSeconds, `${path}.timeoutSeconds`),
    ...nonNegative(probe.periodSeconds, `${path}.periodSeconds`),
    ...nonNegative(probe.successThreshold, `${path}.successThreshold`),
    ...nonNegative(probe.failureThreshold, `${path}.failureThreshold`),
    ...(isShort ? [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0')] : []),
  ]
}

/** What runs after the start and before the stop, and the signal that stops. */
export function validateLifecycle(lifecycle: Lifecycle, context: HandlerContext, path: string): FieldErrors {
  const { postStart, preStop, stopSignal } = lifecycle
  return [
    ...(postStart === undefined ? [] : handlerErrors(hookOf(postStart), context, `${path}.postStart`)),
    ...(preStop === undefined ? [] : handlerErrors(hookOf(preStop), context, `${path}.preStop`)),
    ...(stopSignal === undefined ? [] : signalErrors(stopSignal, context.system, `${path}.stopSignal`)),
  ]
}

function hookOf({ exec, httpGet, tcpSocket, sleep }: LifecycleHandler): Handler {
  return {
    ...(exec === undefined ? {} : { exec }),
    ...(httpGet === undefined ? {} : { httpGet }),
    ...(tcpSocket === undefined ? {} : { tcpSocket }),
    ...(sleep === undefined ? {} : { sleep }),
  }
}

function signalErrors(signal: string, system: string | undefined, path: string): FieldErrors {
  if (system === undefined)
    return [forbidden(path, 'may not be set for containers with empty `spec.os.name`')]
  const signals = system === 'windows' ? WINDOWS_SIGNALS : LINUX_SIGNALS
  return signals.includes(signal) ? [] : [notSupported(path, signal, signals)]
}

/** One handler, and no other. */
function handlerErrors(handler: Handler, context: HandlerContext, path: string): FieldErrors {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const given: readonly (readonly [string, () => FieldErrors] | undefined)[] = [
    exec && ['exec', () => execErrors(exec, `${path}.exec`)],
    httpGet && ['httpGet', () => httpErrors(httpGet, `${path}.httpGet`)],
    tcpSocket && ['tcpSocket', () => validatePort(tcpSocket.port, `${path}.tcpSocket.port`)],
    grpc && ['grpc', () => validatePort(whole(grpc.port), `${path}.grpc.port`)],
    sleep && ['sleep', () => sleepErrors(sleep, context, `${path}.sleep`)],
  ]
  const [first, ...others] = given.filter((one) => one !== undefined)
  if (first === undefined) return [required(path, 'must specify a handler type')]
  return [
    ...first[1](),
    ...others.map(([field]) => forbidden(`${path}.${field}`, 'may not specify more than 1 handler type')),
  ]
}

function execErrors(exec: ExecAction, path: string): FieldErrors {
  return items(exec.command).length === 0 ? [required(`${path}.command`)] : []
}

function httpErrors(http: HTTPGetAction, path: string): FieldErrors {
  const scheme = text(http.scheme)
  return [
    ...(text(http.path) === '' ? [required(`${path}.path`)] : []),
    ...validatePort(http.port, `${path}.port`),
    ...(SCHEMES.includes(scheme) ? [] : [notSupported(`${path}.scheme`, scheme, SCHEMES)]),
    ...items(http.httpHeaders).flatMap(({ name = '' }: Partial<HTTPHeader>) =>
      invalidEach(`${path}.httpHeaders`, name, headerName(name)),
    ),
  ]
}

/** A port by number or by name. Source: core/validation `ValidatePortNumOrName`. */
export function validatePort(port: IntOrString | undefined, path: string): FieldErrors {
  const value = port ?? 0
  return invalidEach(path, value, typeof value === 'number' ? portNumber(value) : portName(value))
}

function sleepErrors(
  sleep: SleepAction,
  { gracePeriodSeconds: grace }: HandlerContext,
  path: string,
): FieldErrors {
  const seconds = whole(sleep.seconds)
  if (grace === undefined || (seconds >= 0 && seconds <= grace)) return []
  return [
    invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`),
  ]
}
