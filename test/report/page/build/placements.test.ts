import { readFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { readNodes } from '../../../../src/report/page/build/node-rows.ts'
import { readPlacements } from '../../../../src/report/page/build/placements.ts'
import { runExample } from '../../../run/run-example.ts'
import { parseTable } from '../../parse-csv.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'

it('sums placements to what timeseries.csv says of each instant', async () => {
  const directory = temporaryDirectory()
  await runExample('recovery.yaml', directory)
  const placed = await readPlacements(directory, await readNodes(directory, new Map()))
  const rows = parseTable(readFileSync(path.join(directory, 'timeseries.csv'), 'utf8'))
  expect(rows.length).toBeGreaterThan(5)
  for (const { time_s, cpu_requested_millicores, memory_requested_bytes } of rows) {
    // The state before what happens at that very instant.
    const at = Number(time_s)
    const there = [...(placed?.boundAt.keys() ?? [])].filter(
      (pod) => (placed?.boundAt[pod] ?? 0) < at && (placed?.endedAt[pod] ?? 0) >= at,
    )
    const sum = (values: Float64Array | undefined): number =>
      there.reduce((total, pod) => total + (values?.[pod] ?? 0), 0)
    expect([at, sum(placed?.cpu)]).toEqual([at, Number(cpu_requested_millicores)])
    expect([at, sum(placed?.memory)]).toEqual([at, Number(memory_requested_bytes)])
  }
})
