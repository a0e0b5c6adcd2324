import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import { RandomStreams } from '../../src/base/random.ts'
import { NEVER } from '../../src/base/time.ts'
import { generateTasks } from '../../src/workload/generator.ts'
import { PodTemplates } from '../../src/workload/pod-templates.ts'
import { TaskSorter } from '../../src/workload/task-sorter.ts'
import { generatedRow } from '../../src/workload/trace-csv.ts'
import { openTrace } from '../../src/workload/trace-reader.ts'
import type { TraceReader, TraceSetting } from '../../src/workload/trace-reader.ts'
import { PROJECT_ROOT, hasShared, shared } from '../shared-data.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'stowage-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function open(file: string, format: string, more: Partial<TraceSetting> = {}): TraceReader {
  return openTrace({
    file,
    format,
    machine: { cpu: 64_000, memory: 2 ** 38 },
    from: 0,
    limit: undefined,
    scale: 1,
    timeScale: 1,
    skipBadRows: 0,
    options: {},
    sampling: new RandomStreams(1).stream('test'),
    ...more,
  })
}

async function countOf(
  reader: TraceReader,
): Promise<{ tasks: number; pods: number; last: number; endless: number }> {
  const count = { tasks: 0, pods: 0, last: 0, endless: 0 }
  for await (const batch of reader.batches()) {
    for (const task of batch) {
      expect(task.at).toBeGreaterThanOrEqual(count.last)
      count.tasks += 1
      count.pods += task.count
      count.last = task.at
      if (task.duration === NEVER) count.endless += 1
    }
  }
  return count
}

function file(name: string, text: string): string {
  const place = path.join(folder, name)
  writeFileSync(place, text)
  return place
}

describe.skipIf(!hasShared)('full traces (shared data)', () => {
  it('openb: 8,152 pods, in order', async () => {
    const reader = open(shared('traces/alibaba-openb-2023/openb_pod_list_default.csv.gz'), 'openb')
    expect(await countOf(reader)).toMatchObject({ tasks: 8152, pods: 8152, endless: 0 })
    expect(reader.warnings).toEqual([])
    expect(reader.bytesRead).toBe(reader.bytesTotal)
  })

  it('openb without times: pods arrive one by one and run for ever, and the reader says so', async () => {
    const reader = open(shared('traces/excerpts/openb_pod_list_multigpu50.csv'), 'openb')
    const { tasks, endless } = await countOf(reader)
    expect(tasks).toBeGreaterThan(100)
    expect(endless).toBe(tasks)
    expect(reader.warnings.join()).toContain('no times')
  })

  it('Alibaba 2017: 80,553 rows, 11.8 M instances, waiting rows counted', async () => {
    const reader = open(shared('traces/alibaba-2017/batch_task.csv.gz'), 'alibaba2017')
    const { tasks, pods } = await countOf(reader)
    expect(reader.rows).toBe(80_553)
    expect(reader.skipped.get('Waiting: never started')).toBe(8847)
    expect(tasks).toBe(80_553 - [...reader.skipped.values()].reduce((sum, count) => sum + count, 0))
    expect(pods).toBeGreaterThan(11_000_000)
    expect(pods).toBeLessThan(12_000_000)
  })

  it('Google 2011: 33,302 tasks, one of them without an end', async () => {
    const reader = open(shared('traces/google-2011-sample/task_events_t0_excerpt.csv.gz'), 'google2011')
    expect(await countOf(reader)).toMatchObject({ tasks: 33_302, endless: 1 })
  })

  it.each([
    ['NASA-iPSC-1993-3.1-cln', 18_239],
    ['HPC2N-2002-first3194', 3170],
    ['lublin_256', 10_000],
    ['wagap-2013', 17_900],
  ])('SWF %s: %i jobs', async (name, jobs) => {
    const reader = open(shared(`traces/hpc-swf/${name}.swf.gz`), 'swf')
    const { tasks } = await countOf(reader)
    expect(reader.rows).toBe(jobs)
    expect(tasks + [...reader.skipped.values()].reduce((sum, count) => sum + count, 0)).toBe(jobs)
  })

  it('Azure 2017: 410,276 VMs of the test part, with lifetimes', async () => {
    const reader = open(shared('traces/azure-vm-2017/v1.test.txt.gz'), 'azure2017')
    expect(await countOf(reader)).toMatchObject({ tasks: 410_276, endless: 0 })
  })

  it('Philly: 82,247 jobs', async () => {
    const reader = open(shared('traces/philly/philly_jobs_sia.csv.gz'), 'philly')
    await countOf(reader)
    expect(reader.rows).toBe(82_247)
  })

  it('says where a gzip file was cut short', async () => {
    const whole = readFileSync(shared('traces/alibaba-openb-2023/openb_pod_list_default.csv.gz'))
    expect(gunzipSync(whole).length).toBeGreaterThan(whole.length)
    const cut = path.join(folder, 'cut.csv.gz')
    writeFileSync(cut, whole.subarray(0, 50_000))
    await expect(countOf(open(cut, 'openb'))).rejects.toThrow('cut.csv.gz: the gzip data is cut short')
  })
})

const HEADER = 'arrival_s,duration_s,cpu_milli,memory_mib'

describe('wrong rows', () => {
  it.each([
    [
      'a cell',
      `${HEADER}\n0,10,100,128\n1,ten,100,128\n`,
      ':3:2: duration_s: is "ten"; expected a number from 0 on',
    ],
    [
      'a negative amount',
      `${HEADER}\n0,10,-5,128\n`,
      ':2:3: cpu_milli: is -5, which is below 0; expected a number from 0 on',
    ],
    [
      'a name that was given before',
      `${HEADER},name\n0,1,1,1,web\n0,1,1,1,\n1,1,1,1,web\n`,
      ':4:5: name: is "web", as in line 2; expected a name of its own',
    ],
    ['a short row', `${HEADER}\n0,10,100\n`, ':2: 3 columns; expected 4'],
    ['an unknown column', `${HEADER},colour\n`, ':1:5: colour: is no column of the format'],
    ['a missing column', 'arrival_s,duration_s,cpu_milli\n', ':1: the column memory_mib is missing'],
    [
      'rows out of order',
      `${HEADER}\n5,1,1,1\n4,1,1,1\n`,
      ':3: task task-2 arrives before the one in front of it',
    ],
    ['a column twice', `${HEADER},arrival_s\n`, ':1:5: arrival_s: is there twice'],
    ['nothing', '', ': the trace is empty'],
  ])('%s', async (name, text, message) => {
    const place = file(`${name.replaceAll(' ', '-')}.csv`, text)
    await expect(countOf(open(place, 'csv'))).rejects.toThrow(`${place}${message}`)
  })

  it('are tolerated as often as allowed, and counted', async () => {
    const place = file('bad.csv', `${HEADER}\n0,10,100,128\nx,1,1,1\n1,10,100,128\n2,y,1,1\n`)
    const reader = open(place, 'csv', { skipBadRows: 2 })
    expect(await countOf(reader)).toMatchObject({ tasks: 2 })
    expect(reader.badRows).toBe(2)
    await expect(countOf(open(place, 'csv', { skipBadRows: 1 }))).rejects.toThrow('duration_s')
  })
})

describe('formats without a header', () => {
  const ROWS = '0,9,1,1,1,Odd,50,0.1\n0,9,1,2,1,Failed,50,0.1\n'

  it('have a first row that may be malformed as any other', async () => {
    const place = file('headless.csv', ROWS)
    await expect(countOf(open(place, 'alibaba2017'))).rejects.toThrow(':1:6: status: is "Odd"')
    expect(await countOf(open(place, 'alibaba2017', { skipBadRows: 1 }))).toMatchObject({ tasks: 1 })
  })

  it('SWF: requested memory is KiB a processor, and bytes a node in the form of 21 fields', async () => {
    const job = '1 0 0 60 24 1 1024 24'
    const rest = '1 1 1 -1 1 1 1'
    const place = file(
      'both.swf',
      `; a header\n${job} 99 2048 ${rest} 0\n${job} 99 ${12 * 2 ** 30} ${rest} 0 {1,2} q 2:ppn=12:x\n`,
    )
    const sizes: (readonly [number, number, number | undefined])[] = []
    for await (const batch of open(place, 'swf').batches()) {
      for (const { count, memory, usedMemory } of batch) sizes.push([count, memory, usedMemory])
    }
    expect(sizes).toEqual([
      [24, 2 * 2 ** 20, 2 ** 20],
      [24, 2 ** 30, undefined],
    ])
  })
})

describe('Azure 2017 with lifetimes in a second file', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `${index} a,|,b,|`)
  const lives = lines.map((_, index) => `${index} U1,|,C2,|`)

  it('takes them line by line, however long both are', async () => {
    const trace = file('even.txt', `${lines[0]}\n\n${lines.slice(1).join('\n')}`)
    file('even.c100.txt', `${lives[0]}\n\n${lives.slice(1).join('\n')}\n`)
    const reader = open(trace, 'azure2017')
    const durations = new Map<number, number>()
    for await (const batch of reader.batches()) {
      for (const { cpu, memory, duration } of batch) {
        expect(cpu).toBe(1000)
        durations.set(memory, (durations.get(memory) ?? 0) + duration)
      }
    }
    expect([...durations]).toEqual([
      [0.75e9, 20_000 * 300e6],
      [1.75e9, 20_000 * 600e6],
    ])
    expect(reader.warnings).toEqual([])
  })

  it('says which line of them is wrong, and that they are damaged', async () => {
    const trace = file('short.txt', `${lines.slice(0, 3).join('\n')}\n`)
    const beside = file('short.c100.txt', `${lives.slice(0, 2).join('\n')}\n2 U1,|\n`)
    await expect(countOf(open(trace, 'azure2017'))).rejects.toThrow(
      `${beside}:3: 2 positions; the trace has 4`,
    )
    writeFileSync(beside, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 0, 3, 99, 99, 99]))
    await expect(countOf(open(trace, 'azure2017'))).rejects.toThrow('short.c100.txt: the gzip data is')
    rmSync(beside)
    const reader = open(trace, 'azure2017')
    expect(await countOf(reader)).toMatchObject({ tasks: 6, endless: 6 })
    expect(reader.warnings.join()).toContain('VMs run for ever')
  })
})

describe('the position in a trace', () => {
  const rows = (at: (index: number) => number): string =>
    Array.from({ length: 8192 }, (_, index) => `${at(index)},9,1,${index},1,Failed,50,0.1\n`).join('')

  it.each([
    ['in order', 'csv', `${HEADER}\n${'1,10,100,128\n'.repeat(8192)}`],
    ['sorted', 'alibaba2017', rows((index) => 9000 - index)],
  ])('grows with the batches of a trace that is %s, to its end', async (name, format, text) => {
    const reader = open(file(`position-${name.replace(' ', '-')}.csv`, text), format)
    const seen: number[] = []
    for await (const _ of reader.batches()) seen.push(reader.position / reader.bytesTotal)
    expect(seen.length).toBeGreaterThanOrEqual(4)
    expect(seen[0]).toBeLessThan(0.8)
    expect(seen).toEqual([...seen].sort((one, other) => one - other))
    expect(seen.at(-1)).toBe(1)
  })

  it('counts to the limit where that comes first', async () => {
    const reader = open(
      file(
        'limited.csv',
        rows((index) => index),
      ),
      'alibaba2017',
      { limit: 4096 },
    )
    const seen: number[] = []
    for await (const _ of reader.batches()) seen.push(reader.position / reader.bytesTotal)
    expect(seen).toEqual([0.5, 1])
  })
})

describe('slices and scales', () => {
  const rows = Array.from({ length: 100 }, (_, index) => `${10 + index},5,100,128`).join('\n')
  const place = file('hundred.csv', `${HEADER}\n${rows}\n`)

  it('start at 0, from an instant, up to a limit', async () => {
    expect(await countOf(open(place, 'csv'))).toMatchObject({ tasks: 100, last: 99e6 })
    expect(await countOf(open(place, 'csv', { from: 50e6 }))).toMatchObject({ tasks: 50, last: 49e6 })
    expect(await countOf(open(place, 'csv', { limit: 7 }))).toMatchObject({ tasks: 7, last: 6e6 })
  })

  it('sample and repeat tasks, stretch time', async () => {
    expect(await countOf(open(place, 'csv', { scale: 3 }))).toMatchObject({ tasks: 300 })
    const { tasks } = await countOf(open(place, 'csv', { scale: 0.5 }))
    expect(tasks).toBeGreaterThan(30)
    expect(tasks).toBeLessThan(70)
    expect(await countOf(open(place, 'csv', { timeScale: 0.1 }))).toMatchObject({ last: 9.9e6 })
  })
})

describe('TaskSorter', () => {
  it('sorts as Array.sort does, however small its runs', () => {
    const template = new PodTemplates().of({})
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 50 }),
        (times, run) => {
          const tasks = times.map((at, index) => ({
            name: `t${index}`,
            at,
            template,
            cpu: 1,
            memory: 2,
            count: 1,
            duration: index % 3 === 0 ? NEVER : index,
          }))
          const sorter = new TaskSorter(run)
          for (const task of tasks) sorter.add(task)
          expect([...sorter.sorted()]).toEqual([...tasks].sort((one, other) => one.at - other.at))
        },
      ),
      { seed: 5, numRuns: 60 },
    )
  })
})

describe('the generator', () => {
  it('makes the shipped trace again, byte for byte', () => {
    const shipped = readFileSync(path.join(PROJECT_ROOT, 'traces/mixed-day.csv'), 'utf8').trim().split('\n')
    const rows = [...generateTasks(new RandomStreams('1'), { pods: 20_000, days: 1 })].map(generatedRow)
    expect(shipped.slice(1)).toEqual(rows)
  })
})
