import { InputError } from '../base/errors.ts'
import { NODE_COLUMN_NAMES } from '../scheduler/framework/node-columns.ts'
import type { PluginFactory } from '../scheduler/framework/plugin-factory.ts'
import type { SchedulerPlugin } from '../scheduler/framework/plugin.ts'
import { guardedPlugin } from './guarded-plugin.ts'
import { loadModule } from './module-loader.ts'
import type { Exported, LoadGuard } from './module-loader.ts'
import type { PluginWatch } from './plugin-watch.ts'

/**
 * Loads a user's scheduler plugin: bundles the file in memory and takes every plugin that it exports, as `definePlugin`
 * made it or as a plain object, or a function of arguments that gives one. The guard's watch sees their calls.
 *
 * Throws `InputError` when the file is none, does not compile, or exports nothing that is a plugin.
 */
export async function loadPlugins(
  file: string,
  guard: LoadGuard,
): Promise<ReadonlyMap<string, PluginFactory>> {
  return loadModule(file, 'plugin', guard, (exported) => pluginsOf(exported, file, guard.watch))
}

function pluginsOf(exported: Exported, file: string, watch: PluginWatch): ReadonlyMap<string, PluginFactory> {
  const plugins = new Map<string, PluginFactory>()
  for (const [name, value] of Object.entries(exported)) {
    const factory = factoryOf(value, { file, name, watch })
    if (factory === undefined) continue
    const plugin = factory.sample
    checkPlugin(plugin, file, name)
    plugins.set(plugin.name, factory.make)
  }
  if (plugins.size === 0) {
    throw new InputError({
      file,
      message: 'exports no plugin',
      hint: 'export the result of definePlugin, or an object with name, reads and compile',
    })
  }
  return plugins
}

function factoryOf(
  value: unknown,
  { file, name, watch }: { readonly file: string; readonly name: string; readonly watch: PluginWatch },
): { readonly make: PluginFactory; readonly sample: SchedulerPlugin } | undefined {
  if (typeof value !== 'function') {
    if (!isPlugin(value)) return undefined
    return { make: () => guardedPlugin(value, watch), sample: value }
  }
  const make = (args: unknown): unknown => {
    try {
      return (value as (args: unknown) => unknown)(args)
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      throw new InputError({ file, field: `export ${name}`, message: `throws for its arguments: ${detail}` })
    }
  }
  const sample = make(undefined)
  if (!isPlugin(sample)) return undefined
  return { make: (args) => guardedPlugin(make(args) as SchedulerPlugin, watch), sample }
}

function isPlugin(value: unknown): value is SchedulerPlugin {
  return typeof value === 'object' && value !== null && 'name' in value && 'compile' in value
}

function checkPlugin(plugin: SchedulerPlugin, file: string, exportName: string): void {
  const field = `export ${exportName}`
  if (typeof plugin.name !== 'string' || plugin.name === '') {
    throw new InputError({ file, field, message: 'name is no text' })
  }
  if (typeof plugin.compile !== 'function')
    throw new InputError({ file, field, message: 'compile is no function' })
  if (!Array.isArray(plugin.reads)) {
    throw new InputError({
      file,
      field,
      message: 'reads is missing',
      hint: 'expected the node columns that it looks at',
    })
  }
  for (const column of plugin.reads as readonly string[]) {
    if (NODE_COLUMN_NAMES.some((known) => known === column)) continue
    throw new InputError({
      file,
      field: `${field}: reads`,
      message: `there is no node column "${column}"`,
      hint: `expected some of ${NODE_COLUMN_NAMES.join(', ')}`,
    })
  }
}
