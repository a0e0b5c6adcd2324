/**
 * Parts of the simulated system, and of the program around it, that real time is spent in; `gc` is garbage collection on
 * the main thread, `threads` what other threads of V8 do: compiling, collecting.
 */
export const COMPONENTS = [
  'engine',
  'scheduling',
  'api',
  'kubelet',
  'controllers',
  'workload',
  'metrics',
  'output',
  'gc',
  'threads',
  'other',
] as const

export type Component = (typeof COMPONENTS)[number]

/** What time is put down to: a component and a part of it, a file or a scheduler plugin. */
export interface CostPlace {
  readonly component: Component
  readonly part: string
}

/** Components by folder; the first that fits. Code of other folders serves whoever calls it. */
const FOLDERS: readonly (readonly [string, Component])[] = [
  ['src/engine/', 'engine'],
  ['src/scheduler/', 'scheduling'],
  ['src/cluster/', 'api'],
  ['src/node/', 'kubelet'],
  ['src/controllers/', 'controllers'],
  ['src/failure/', 'controllers'],
  ['src/workload/', 'workload'],
  ['src/run/trace-feed', 'workload'],
  ['src/benchmark/replay-work', 'workload'],
  ['src/benchmark/work-reader', 'workload'],
  ['src/report/', 'metrics'],
  ['src/run/', 'other'],
  ['src/benchmark/', 'other'],
  ['src/cli/', 'other'],
]

/** Folders whose functions have no cost of their own. */
const SERVING = ['src/base/', 'src/api/', 'src/cel/', 'node_modules/']

/** Files of `src/report` that make and write rows, and measure nothing. */
const OUTPUT_FILES: ReadonlySet<string> = new Set(
  [
    'cell-slots',
    'closing-tables',
    'column-cells',
    'csv',
    'csv-cells',
    'decision-rows',
    'manifest',
    'number-text',
    'output-error',
    'output-file',
    'parquet-tables',
    'parquet-writer',
    'plain-text',
    'pod-rows',
    'row-writer',
    'run-outputs',
    'summary-json',
  ].map((name) => `src/report/${name}`),
)

/**
 * The cost place of a source file; undefined for files that serve whoever calls them: pure functions, packages, and files
 * that several plugins share. `source` is as `SourcePlaces` gives it, `plugins` the names of the plugins in `plugins/`.
 */
export function costPlaceOf(source: string, plugins: ReadonlySet<string>): CostPlace | undefined {
  if (SERVING.some((folder) => source.includes(folder))) return undefined
  const [, name] = /^plugins\/([\w-]+)/.exec(source) ?? []
  if (name !== undefined) {
    const part = pluginName(name)
    return plugins.has(part) ? { component: 'scheduling', part } : undefined
  }
  if (OUTPUT_FILES.has(source)) return { component: 'output', part: partOf(source) }
  const known = FOLDERS.find(([folder]) => source.startsWith(folder))
  if (known !== undefined) return { component: known[1], part: partOf(source) }
  // A file of the user's: plugins and extenders are all that there is.
  return /\.[mc]?[jt]s$/.test(source) ? { component: 'scheduling', part: partOf(source) } : undefined
}

function partOf(source: string): string {
  return source.slice(source.lastIndexOf('/') + 1)
}

/** `node-resources-fit` is NodeResourcesFit. */
function pluginName(file: string): string {
  return file
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}
