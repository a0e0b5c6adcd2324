import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { InputError } from '../../base/errors.ts'
import { NEVER, SECOND } from '../../base/time.ts'
import type { Micros } from '../../base/time.ts'
import { PodTemplates } from '../pod-templates.ts'
import type { FormatSetting, TraceFormat } from '../trace-format.ts'
import { parseAmount } from '../trace-format.ts'
import type { TraceTask } from '../trace-task.ts'

/** The published flavours: cores and GB by letter, of flav_map.txt. */
const FLAVOURS: Readonly<Record<string, readonly [number, number]>> = {
  a: [1, 0.75],
  b: [1, 1.75],
  c: [1, 2],
  d: [16, 112],
  e: [2, 14],
  f: [2, 16],
  g: [2, 3.5],
  h: [2, 4],
  i: [4, 28],
  j: [4, 32],
  k: [4, 7],
  l: [4, 8],
  m: [8, 14],
  n: [8, 16],
  o: [8, 56],
  p: [8, 64],
}
const GIGABYTE = 1e9
/** The last bin begins at ten days and has no end; its VMs get this long. */
const LAST_BIN_SECONDS = 15 * 86_400

/**
 * Azure's VM trace of 2017 as batches of flavours: a line a time, VMs of a tenant's batch together, `|` after each.
 *
 * The lifetimes are in a file beside it (`NAME.cNNN.txt[.gz]`), position by position: `U` and a bin for a VM that ended,
 * `C` and a bin for one still running then. A VM runs to the middle of its bin. Without that file VMs run for ever.
 */
export const azure2017: TraceFormat = {
  name: 'azure2017',
  isSorted: false,
  hasHeader: false,
  options: [],
  companion: lifetimesOf,
  open(setting) {
    const templates = new PodTemplates()
    const lifetimes = openLifetimes(setting)
    let batch = 0
    return (line, lineNumber, beside) => {
      if (line.trim() === '') return undefined
      const { time, cells } = splitLine(line, lineNumber, setting.file)
      const bins = lifetimes?.(beside ?? '', lineNumber, cells.length)
      const tasks: TraceTask[] = []
      let place = 0
      cells.forEach((cell, index) => {
        if (cell === '') return
        if (cell === '|') {
          batch += 1
          place = 0
          return
        }
        const flavour = FLAVOURS[cell]
        if (flavour === undefined) {
          throw new InputError({
            file: setting.file,
            line: lineNumber,
            column: index + 1,
            field: 'flavour',
            message: `is "${cell}"; expected a letter from a to p`,
          })
        }
        tasks.push({
          name: `vm-${batch}-${place++}`,
          at: time * SECOND,
          template: templates.of({ labels: { 'stowage.dev/flavour': cell } }),
          cpu: flavour[0] * 1000,
          memory: Math.round(flavour[1] * GIGABYTE),
          count: 1,
          duration: bins?.(index) ?? NEVER,
        })
      })
      return tasks
    }
  },
}

type Bins = (index: number) => Micros

function splitLine(
  line: string,
  lineNumber: number,
  file: string,
): { time: number; cells: readonly string[] } {
  const blank = line.indexOf(' ')
  const time = parseAmount(
    line.slice(0, blank),
    { file, line: lineNumber, column: 1, field: 'time' },
    'seconds',
  )
  return { time, cells: line.slice(blank + 1).split(',') }
}

/** The file of lifetimes beside a trace. */
function lifetimesOf(file: string): string | undefined {
  const folder = path.dirname(file)
  const stem = path.basename(file).replace(/\.txt(\.gz)?$/, '')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const name = names.find((one) => one.startsWith(`${stem}.c`) && /\.c\d+\.txt(\.gz)?$/.test(one))
  return name === undefined ? undefined : path.join(folder, name)
}

/** Reads the lines of the lifetimes beside the trace; undefined, with a warning, when there are none. */
function openLifetimes(
  setting: FormatSetting,
): ((line: string, lineNumber: number, cellCount: number) => Bins) | undefined {
  const file = lifetimesOf(setting.file)
  if (file === undefined) {
    setting.warn('there is no file of lifetimes beside the trace: VMs run for ever')
    return undefined
  }
  const middles = middlesOf(path.dirname(file))
  return (line, lineNumber, cellCount) => {
    const { cells } = splitLine(line, lineNumber, file)
    if (cells.length !== cellCount) {
      throw new InputError({
        file,
        line: lineNumber,
        message: `${cells.length} positions; the trace has ${cellCount}`,
      })
    }
    return (index) => {
      const match = /^[UC](\d+)$/.exec(cells[index] ?? '')
      if (match !== null) return middles(Number(match[1]))
      throw new InputError({
        file,
        line: lineNumber,
        column: index + 1,
        field: 'lifetime',
        message: `is "${cells[index] ?? ''}"; expected U or C and a bin`,
      })
    }
  }
}

/** Middles of the lifetime bins: of the map beside the trace, else 300 s to an hour, then hours, then days. */
function middlesOf(folder: string): (bin: number) => Micros {
  const map = existsSync(folder)
    ? readdirSync(folder).find((name) => name.endsWith('interval_map.txt'))
    : undefined
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  const lines = map === undefined ? [] : readText(path.join(folder, map)).split('\n')
  for (const line of lines) {
    const [seconds, bin] = line.trim().split(/\s+/).map(Number)
    if (seconds === undefined || bin === undefined) continue
    if (!first.has(bin)) first.set(bin, seconds)
    last.set(bin, seconds)
  }
  const largest = Math.max(-1, ...last.keys())
  return (bin) => {
    if (largest < 0) return defaultMiddle(bin)
    if (bin >= largest) return LAST_BIN_SECONDS * SECOND
    return Math.round((((first.get(bin) ?? 0) + (last.get(bin) ?? 0)) / 2) * SECOND)
  }
}

function defaultMiddle(bin: number): Micros {
  if (bin <= 12) return bin * 300 * SECOND
  if (bin <= 35) return (bin - 12 + 0.5) * 3600 * SECOND
  return (bin - 35 + 0.5) * 86_400 * SECOND
}

function readText(file: string): string {
  const bytes = readFileSync(file)
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}
