import { readExtenderTls } from './extender-tls.ts'
import { millisecondsOf } from '../../base/go-duration.ts'
import type { FieldPath, Problems } from './problems.ts'
import { isExtendedResourceName, qualifiedNameProblems } from './qualified-name.ts'
import type { ResolvedExtender } from './resolved.ts'

type Fields = Readonly<Record<string, unknown>>

/** How long a call to an extender may take when the configuration does not say, in milliseconds (kube-scheduler v1.37). */
const TIMEOUT_MS = 5000

/** Hosts that are this machine. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Reads the `extenders` stanza and checks it.
 *
 * Source: Kubernetes v1.37, scheduler/apis/config/validation `validateExtenders` and `NewHTTPExtender`. Ours: only
 * extenders on this machine are called.
 */
export function readExtenders(
  value: unknown,
  path: FieldPath,
  problems: Problems,
): readonly ResolvedExtender[] {
  const stanzas = (value ?? []) as readonly Fields[]
  const managed = new Set<string>()
  const extenders = stanzas.map((stanza, index) => readExtender(stanza, [...path, index], managed, problems))
  const binders = extenders.filter(({ bindVerb }) => bindVerb !== '').length
  if (binders > 1) {
    problems.invalid(
      path,
      `found ${binders} extenders implementing bind`,
      'only one extender can implement bind',
    )
  }
  return extenders
}

function readExtender(
  stanza: Fields,
  path: FieldPath,
  managed: Set<string>,
  problems: Problems,
): ResolvedExtender {
  const text = (field: string): string => String(stanza[field] ?? '')
  const weight = Number(stanza['weight'] ?? 0)
  if (text('prioritizeVerb') !== '' && weight <= 0) {
    problems.invalid([...path, 'weight'], weight, 'must have a positive weight applied to it')
  }
  const resources = (stanza['managedResources'] ?? []) as readonly Fields[]
  resources.forEach((resource, index) => {
    checkResource(
      String(resource['name'] ?? ''),
      [...path, 'managedResources', index, 'name'],
      managed,
      problems,
    )
  })
  checkAddress(text('urlPrefix'), [...path, 'urlPrefix'], problems)
  warnOfIdleFields(stanza, path, problems)
  const nameOf = (resource: Fields): string => String(resource['name'] ?? '')
  const timeout = millisecondsOf(stanza['httpTimeout'], 0)
  return {
    urlPrefix: text('urlPrefix'),
    filterVerb: text('filterVerb'),
    prioritizeVerb: text('prioritizeVerb'),
    preemptVerb: text('preemptVerb'),
    bindVerb: text('bindVerb'),
    weight,
    httpTimeoutMs: timeout === 0 ? TIMEOUT_MS : timeout,
    nodeCacheCapable: stanza['nodeCacheCapable'] === true,
    managedResources: resources.map(nameOf),
    ignoredByScheduler: resources.filter((resource) => resource['ignoredByScheduler'] === true).map(nameOf),
    ignorable: stanza['ignorable'] === true,
    tls: readExtenderTls(stanza, path, problems),
  }
}

function checkResource(name: string, path: FieldPath, managed: Set<string>, problems: Problems): void {
  const wrong = qualifiedNameProblems(name)
  for (const message of wrong) problems.invalid(path, name, message)
  if (wrong.length === 0 && !isExtendedResourceName(name)) {
    problems.invalid(path, name, 'is an invalid extended resource name')
  }
  if (managed.has(name)) problems.invalid(path, name, 'duplicate extender managed resource name')
  managed.add(name)
}

function checkAddress(urlPrefix: string, path: FieldPath, problems: Problems): void {
  let url: URL
  try {
    url = new URL(urlPrefix)
  } catch {
    problems.invalid(path, urlPrefix, 'is no URL')
    return
  }
  const hint = `stowage calls extenders over http and https on ${LOOPBACK.join(', ')}; or give a module with --extender FILE`
  if (!LOOPBACK.includes(url.hostname)) {
    problems.add(path, `Invalid value: ${JSON.stringify(urlPrefix)}: another host is not called`, hint)
  } else if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    problems.add(path, `Invalid value: ${JSON.stringify(urlPrefix)}: only http and https are spoken`, hint)
  }
}

function warnOfIdleFields(stanza: Fields, path: FieldPath, problems: Problems): void {
  const isPlain = !/^https:/i.test(String(stanza['urlPrefix'] ?? ''))
  const message = 'has no effect: urlPrefix is not https'
  if (isPlain && stanza['enableHTTPS'] === true) problems.warn([...path, 'enableHTTPS'], message)
  if (isPlain && (stanza['tlsConfig'] ?? undefined) !== undefined)
    problems.warn([...path, 'tlsConfig'], message)
  const verbs = ['filterVerb', 'prioritizeVerb', 'preemptVerb', 'bindVerb']
  if (verbs.every((verb) => (stanza[verb] ?? '') === '')) {
    problems.warn(
      path,
      `has no effect: it has none of ${verbs.join(', ')}, so that it is never asked anything`,
    )
  }
}
