import { InputError } from '../base/errors.ts'
import type { ResolvedConfiguration } from '../scheduler/configuration/resolved.ts'
import type { SchedulerExtender } from '../scheduler/framework/extender.ts'
import { loadExtenders } from './extender-loader.ts'
import { watchedExtender } from './guarded-plugin.ts'
import { HttpCaller } from './http-call.ts'
import { httpExtender } from './http-extender.ts'
import { loadTls } from './load-tls.ts'
import type { LoadGuard } from './module-loader.ts'

/**
 * The extenders of a scheduler: those of the configuration, then the user's modules in the order given, whose calls
 * the guard's watch sees.
 */
export async function buildExtenders(
  configuration: ResolvedConfiguration,
  files: readonly string[],
  guard: LoadGuard,
): Promise<readonly SchedulerExtender[]> {
  const http = new HttpCaller()
  const extenders = configuration.extenders.map((stanza, index) =>
    httpExtender(stanza, http, loadTls(stanza.tls, `extenders[${index}].tlsConfig`)),
  )
  for (const file of files) {
    for (const one of await loadExtenders(file, guard)) extenders.push(watchedExtender(one, guard.watch))
  }
  const binders = extenders.filter((extender) => extender.bind !== undefined)
  if (binders.length > 1) {
    throw new InputError({
      field: 'extenders',
      message: `found ${binders.length} extenders implementing bind: only one extender can implement bind`,
      hint: binders.map(({ name }) => name).join(', '),
    })
  }
  return extenders
}

/**
 * Leaves the resources that extenders take from the scheduler to them: NodeResourcesFit ignores these, and no others.
 *
 * Source: Kubernetes v1.37, scheduler.go `buildExtenders`.
 */
export function withoutIgnored(
  configuration: ResolvedConfiguration,
  extenders: readonly SchedulerExtender[],
): ResolvedConfiguration {
  const ignored = extenders.flatMap(({ managedResources = [] }) =>
    managedResources.filter(({ ignoredByScheduler }) => ignoredByScheduler === true).map(({ name }) => name),
  )
  if (ignored.length === 0) return configuration
  const profiles = configuration.profiles.map((profile) => {
    const own = (profile.args.get('NodeResourcesFit') ?? {}) as Readonly<Record<string, unknown>>
    const args = new Map([
      ...profile.args,
      ['NodeResourcesFit', { ...own, ignoredResources: ignored }] as const,
    ])
    return { ...profile, args }
  })
  return { ...configuration, profiles }
}
