/** The page of a run, in its directory. */
export const PAGE_FILE = 'report.html'

/** Charts that `stowage report --svg` draws of a run, by the ids of a report's charts. */
export const CHART_IDS = [
  'utilisation',
  'pods',
  'scheduling',
  'evictions',
  'nodes',
  'packing',
  'scaling',
] as const

/** The file of a chart. */
export function chartFile(id: string): string {
  return `chart-${id}.svg`
}

/** Files that are made from the tables of a run: they must not stay when the tables are replaced. */
export const PAGE_FILES: readonly string[] = [PAGE_FILE, ...CHART_IDS.map(chartFile)]
