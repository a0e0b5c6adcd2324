import { InputError } from '../base/errors.ts'
import type { SchedulerExtender } from '../scheduler/framework/extender.ts'
import { loadModule } from './module-loader.ts'
import type { Exported, LoadGuard } from './module-loader.ts'

/** What an extender may do. */
const VERBS = ['filter', 'prioritize', 'preempt', 'bind'] as const

/**
 * Loads a user's extenders: every object that a module exports with a name and at least one of filter, prioritize,
 * preempt and bind.
 *
 * Throws `InputError` when there is none, or one is wrong.
 */
export async function loadExtenders(file: string, guard: LoadGuard): Promise<readonly SchedulerExtender[]> {
  return loadModule(file, 'extender', guard, (exported) => extendersOf(exported, file))
}

function extendersOf(exported: Exported, file: string): readonly SchedulerExtender[] {
  const extenders = Object.entries(exported).flatMap(([name, value]) => {
    if (!isExtender(value)) return []
    checkExtender(value, file, `export ${name}`)
    return [value]
  })
  if (extenders.length > 0) return extenders
  throw new InputError({
    file,
    message: 'exports no extender',
    hint: `export an object with a name and some of ${VERBS.join(', ')}`,
  })
}

function isExtender(value: unknown): value is SchedulerExtender {
  if (typeof value !== 'object' || value === null || 'compile' in value) return false
  return VERBS.some((verb) => verb in value)
}

function checkExtender(extender: SchedulerExtender, file: string, field: string): void {
  const fail = (message: string, hint: string): never => {
    throw new InputError({ file, field, message, hint })
  }
  const { name, weight, managedResources } = extender
  if (typeof name !== 'string' || name === '') fail('name is no text', 'an extender has a name')
  for (const verb of VERBS) {
    if (extender[verb] !== undefined && typeof extender[verb] !== 'function')
      fail(`${verb} is no function`, 'leave out what it does not do')
  }
  if (weight !== undefined && !(Number.isSafeInteger(weight) && weight > 0)) {
    fail(`weight is ${JSON.stringify(weight)}`, 'must have a positive weight applied to it')
  }
  if (managedResources === undefined) return
  const isList =
    Array.isArray(managedResources) &&
    managedResources.every((resource) => typeof resource?.name === 'string')
  if (!isList) fail('managedResources is no list of resources', 'expected [{ name: "example.com/widget" }]')
}
