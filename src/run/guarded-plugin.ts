import type { SchedulerExtender } from '../scheduler/framework/extender.ts'
import type { SchedulerPlugin } from '../scheduler/framework/plugin.ts'
import { PluginError, pluginFailure } from '../scheduler/plugin-call.ts'
import { ANSWER_CHECKS, wrongAnswer } from './plugin-answer.ts'
import type { PluginMethod } from './plugin-answer.ts'
import type { PluginWatch, WatchedMethod } from './plugin-watch.ts'

const METHODS = Object.keys(ANSWER_CHECKS) as PluginMethod[]
const VALUES = [
  'name',
  'reads',
  'sized',
  'postFilterNeedsLowerPriority',
  'prepareScoreFrom',
  'normalize',
  'placementNormalize',
  'events',
] as const
const VERBS = ['filter', 'prioritize', 'preempt', 'bind'] as const
/** Of the in-tree plugins alone: the fused loop trusts what they say. */
const IN_TREE_ONLY: ReadonlySet<PluginMethod> = new Set(['checks', 'pairScore'])

type Method = (...args: readonly unknown[]) => unknown

/**
 * A user's plugin under guard: whatever a method throws, or gives back against the contract, names plugin and method; terms
 * are frozen, so that a plugin that changes one fails where it does; and the watch sees a call that does not come back.
 */
export function guardedPlugin(plugin: SchedulerPlugin, watch: PluginWatch): SchedulerPlugin {
  const guarded: Record<string, unknown> = {}
  for (const key of VALUES) if (plugin[key] !== undefined) guarded[key] = plugin[key]
  for (const key of METHODS) {
    const body: unknown = plugin[key]
    if (typeof body !== 'function' || IN_TREE_ONLY.has(key)) continue
    guarded[key] = guardedMethod(
      plugin.name,
      key,
      watched({ by: 'plugin', name: plugin.name, method: key }, body.bind(plugin), watch),
    )
  }
  return Object.freeze(guarded) as unknown as SchedulerPlugin
}

/** A user's extender whose calls the watch sees; what it throws stays its error, as of one behind HTTP. */
export function watchedExtender(extender: SchedulerExtender, watch: PluginWatch): SchedulerExtender {
  const verbs = VERBS.flatMap((verb): [string, Method][] => {
    const body: unknown = extender[verb]
    return typeof body === 'function'
      ? [[verb, watched({ by: 'extender', name: extender.name, method: verb }, body.bind(extender), watch)]]
      : []
  })
  return { ...extender, ...Object.fromEntries(verbs) }
}

function watched(method: WatchedMethod, body: Method, watch: PluginWatch): Method {
  const called = { ...method, id: watch.add(method) }
  return (...args) => {
    const outer = watch.enter({ ...called, args })
    try {
      return body(...args)
    } finally {
      watch.leave(outer)
    }
  }
}

function guardedMethod(name: string, method: PluginMethod, body: Method): Method {
  return (...args) => {
    let result: unknown
    try {
      result = body(...args)
    } catch (error) {
      throw pluginFailure(name, method, error, {})
    }
    const outcome = wrongAnswer(method, result)
    if (outcome !== undefined) throw new PluginError(name, { method, outcome })
    return method === 'compile' ? sealed(result) : result
  }
}

/** Freezes plain data and all in it; maps, sets and typed arrays cannot be frozen. */
function sealed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) {
    return value
  }
  Object.freeze(value)
  for (const part of Object.values(value)) sealed(part)
  return value
}
