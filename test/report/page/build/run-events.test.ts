import { expect, it } from 'vitest'

import { readRunEvents } from '../../../../src/report/page/build/run-events.ts'
import { runMarkers } from '../../../../src/report/page/build/markers.ts'
import { MARKERS_MAX } from '../../../../src/report/page/build/markers.ts'
import { temporaryDirectory } from '../../temporary-directory.ts'
import { writeTable } from './made-run.ts'
import type { MadeRow } from './made-run.ts'

function eventsOf(rows: readonly MadeRow[]): ReturnType<typeof readRunEvents> {
  const directory = temporaryDirectory()
  writeTable(directory, 'events.csv', rows)
  return readRunEvents(directory, 100)
}

it('makes nodes that come at one instant one marker', async () => {
  const added = ['a', 'b', 'c'].map((object) => ({ time_s: 5, kind: 'NodeAdded', object }))
  const { markers } = await eventsOf([...added, { time_s: 6, kind: 'NodeAdded', object: 'd' }])
  expect(markers.map(({ label }) => label)).toEqual(['3 nodes added', 'node added: d'])
})

it('ends what is open with the run', async () => {
  const { markers, lives } = await eventsOf([
    { time_s: 10, kind: 'MachineDown', node: 'a' },
    { time_s: 20, kind: 'LeaderLost', object: 'kube-scheduler' },
  ])
  expect(lives.get('a')?.down).toEqual([[10, 100]])
  expect(markers).toEqual([
    { at: 20, until: 100, kind: 'control-plane', label: 'kube-scheduler: nobody leads' },
  ])
})

it('takes a node that comes again as there from its first time to its last', async () => {
  const { lives } = await eventsOf([
    { time_s: 10, kind: 'NodeAdded', object: 'a' },
    { time_s: 20, kind: 'NodeDeleted', object: 'a' },
    { time_s: 30, kind: 'NodeAdded', object: 'a' },
  ])
  expect(lives.get('a')).toMatchObject({ from: 10, to: undefined })
})

it('keeps the first, the last and some between of too many markers', async () => {
  const rows = Array.from({ length: 2000 }, (_, at) => ({ time_s: at, kind: 'Action', object: `${at}` }))
  const markers = runMarkers([], await eventsOf(rows), 2000)
  expect(markers).toHaveLength(MARKERS_MAX)
  expect([markers[0]?.at, markers.at(-1)?.at]).toEqual([0, 1999])
})
