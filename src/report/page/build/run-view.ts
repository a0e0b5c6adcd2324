import path from 'node:path'

import { metricText } from '../../metric-text.ts'
import type { ReportData, RunView } from '../report-data.ts'
import { failureViews } from './failure-views.ts'
import { heatMap } from './heat-map.ts'
import { runMarkers } from './markers.ts'
import { metricLines } from './metric-lines.ts'
import { readNodes } from './node-rows.ts'
import { readPlacements } from './placements.ts'
import { buildPlayer } from './player.ts'
import { packChart, timeCharts } from './run-charts.ts'
import { readRunEvents } from './run-events.ts'
import { metricOf, readRunFiles } from './run-files.ts'
import type { RunFiles } from './run-files.ts'
import { tablesOf } from './run-tables.ts'
import type { RunSource } from './run-tables.ts'
import { tableRows } from './table-rows.ts'
import { runTiles } from './tiles.ts'

/** What of a run a page shows. */
export interface RunDetail {
  /** Whether with nodes and pods: heat map and player. */
  readonly cluster: boolean
}

/** What a page shows of a run, by its own name where none is given: a function of the files that it left. Throws `InputError` where they are not of a run. */
export function runView(source: RunSource, name?: string, detail: RunDetail = { cluster: true }): RunView {
  const tables = tablesOf(source)
  const { directory } = tables
  const files = readRunFiles(directory)
  const end = metricOf(files, 'simulated_s') ?? 0
  const events = readRunEvents(tables, end)
  const failures = tableRows(tables, 'failures.csv')
  const nodes = detail.cluster ? readNodes(tables, events.lives) : undefined
  const placements = nodes === undefined ? undefined : readPlacements(tables, nodes)
  const hasCluster = nodes !== undefined && placements !== undefined
  return {
    name: name ?? files.manifest.scenario ?? path.basename(path.resolve(directory)),
    facts: factsOf(files, end),
    interrupted: files.manifest.interrupted,
    warnings: files.manifest.warnings,
    end,
    tiles: runTiles(files),
    metrics: metricLines(files.metrics),
    charts: timeCharts(tables).map(packChart),
    markers: runMarkers(failures, events, end),
    heat: hasCluster ? heatMap(nodes, placements, end) : undefined,
    player: hasCluster ? buildPlayer({ tables, nodes, placements, end }) : undefined,
    failures: failureViews(tables, failures),
  }
}

/** The page of one run, by the name of its scenario. */
export function runReport(source: RunSource, version: string): ReportData {
  const run = runView(source)
  return { format: 1, title: `stowage: ${run.name}`, version, runs: [run] }
}

function factsOf({ manifest }: RunFiles, end: number): RunView['facts'] {
  const { command, seed, versions, digests, eventDigest } = manifest
  return [
    ['command', ['stowage', ...command].join(' ')],
    ['seed', String(seed)],
    ['simulated time', metricText(end, 's')],
    ...Object.entries(versions),
    ...Object.entries(digests).map(([name, digest]) => [`digest of ${name}`, digest] as const),
    ...(eventDigest === undefined ? [] : [['digest of events', eventDigest] as const]),
  ]
}
