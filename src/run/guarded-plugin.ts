import type { SchedulerPlugin } from '../scheduler/framework/plugin.ts'
import { PluginError, pluginFailure } from '../scheduler/plugin-call.ts'

const METHODS = [
  'compile',
  'enqueue',
  'screen',
  'prepare',
  'update',
  'filter',
  'explain',
  'postFilter',
  'isIdle',
  'ignoresIdentity',
  'ranks',
  'prepareScore',
  'score',
  'normalize',
  'kernel',
  'reserve',
  'hint',
] as const
const VALUES = [
  'name',
  'reads',
  'sized',
  'postFilterNeedsLowerPriority',
  'prepareScoreFrom',
  'normalize',
] as const
const REJECTION_CODES: readonly unknown[] = ['Unschedulable', 'UnschedulableAndUnresolvable']

type Method = (...args: readonly unknown[]) => unknown

/**
 * A user's plugin under guard: whatever a method throws names plugin and method, terms are frozen, so that a plugin that
 * changes one fails where it does, and a filter gives back PASS or a rejection.
 */
export function guardedPlugin(plugin: SchedulerPlugin): SchedulerPlugin {
  const guarded: Record<string, unknown> = {}
  for (const key of VALUES) if (plugin[key] !== undefined) guarded[key] = plugin[key]
  for (const key of METHODS) {
    const body: unknown = plugin[key]
    if (typeof body === 'function') guarded[key] = guardedMethod(plugin, key, body.bind(plugin) as Method)
  }
  return Object.freeze(guarded) as unknown as SchedulerPlugin
}

function guardedMethod({ name }: SchedulerPlugin, method: (typeof METHODS)[number], body: Method): Method {
  return (...args) => {
    let result: unknown
    try {
      result = body(...args)
    } catch (error) {
      throw pluginFailure(name, method, error, {})
    }
    if (method === 'compile') return sealed(result)
    if (method === 'filter') checkVerdict(name, result)
    return result
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

function checkVerdict(plugin: string, verdict: unknown): void {
  if (verdict === undefined) return
  const { code, reasons } = (verdict ?? {}) as { readonly code?: unknown; readonly reasons?: unknown }
  if (REJECTION_CODES.includes(code) && Array.isArray(reasons)) return
  throw new PluginError(plugin, {
    method: 'filter',
    outcome: ` gave back ${JSON.stringify(verdict)}; expected PASS, unschedulable(reason) or unresolvable(reason)`,
  })
}
