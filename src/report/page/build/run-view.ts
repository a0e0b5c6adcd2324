import path from 'node:path'

import { metricText } from '../../metric-text.ts'
import { readRows } from '../../table/read-table.ts'
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
import { runTiles } from './tiles.ts'

/** What of a run a page shows. */
export interface RunDetail {
  /** Whether with nodes and pods: heat map and player. */
  readonly cluster: boolean
}

/** What a page shows of a run, by its own name where none is given: a function of the files that it left. Throws `InputError` where they are not of a run. */
export async function runView(
  directory: string,
  name?: string,
  detail: RunDetail = { cluster: true },
): Promise<RunView> {
  const files = readRunFiles(directory)
  const end = metricOf(files, 'simulated_s') ?? 0
  const events = await readRunEvents(directory, end)
  const failures = await readRows(directory, 'failures.csv')
  const nodes = detail.cluster ? await readNodes(directory, events.lives) : undefined
  const placements = nodes === undefined ? undefined : await readPlacements(directory, nodes)
  const hasCluster = nodes !== undefined && placements !== undefined
  return {
    name: name ?? files.manifest.scenario ?? path.basename(path.resolve(directory)),
    facts: factsOf(files, end),
    interrupted: files.manifest.interrupted,
    warnings: files.manifest.warnings,
    end,
    tiles: runTiles(files),
    metrics: metricLines(files.metrics),
    charts: (await timeCharts(directory)).map(packChart),
    markers: runMarkers(failures, events, end),
    heat: hasCluster ? heatMap(nodes, placements, end) : undefined,
    player: hasCluster ? await buildPlayer({ directory, nodes, placements, end }) : undefined,
    failures: await failureViews(directory, failures),
  }
}

/** The page of one run, by the name of its scenario. */
export async function runReport(directory: string, version: string): Promise<ReportData> {
  const run = await runView(directory)
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
