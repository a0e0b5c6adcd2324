import { spawn } from 'node:child_process'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PAGE_FILE } from '../../src/report/page-files.ts'
import { parseTable } from '../report/parse-csv.ts'
import { BUILT_COMMAND, stowage, stowageApart, testFolder } from './command.ts'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TRACE = file('trace.csv', traceOf(8000))
const SCENARIO = file(
  'scenario.yaml',
  `apiVersion: stowage.dev/v1alpha1
kind: Scenario
spec:
  nodes: [{template: {count: 40, shape: "8:32Gi", zones: [a, b]}}]
  workload: [{trace: {file: trace.csv, format: csv}}]
  failures: [{nodeCrash: {timeBetweenFailures: {exponential: {mean: 2h}}, repair: 10m}}]
`,
)
const UNINTERRUPTED = path.join(folder, 'uninterrupted')

function traceOf(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, i) => `${i},${600 + (i % 7) * 50},${200 + (i % 5) * 100},512`,
  )
  return `arrival_s,duration_s,cpu_milli,memory_mib\n${rows.join('\n')}\n`
}

/** Runs the built command in a process of its own, and kills it after so many milliseconds if it runs as long. */
async function killedAfter(
  milliseconds: number,
  signal: NodeJS.Signals,
  ...words: readonly string[]
): Promise<{ readonly status: number | null; readonly err: string }> {
  const child = spawn(process.execPath, [BUILT_COMMAND, 'run', ...words, '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const timer = setTimeout(() => child.kill(signal), milliseconds)
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  return { status, err }
}

function run(...words: readonly string[]): { readonly status: number | null; readonly err: string } {
  const { status, err } = stowageApart('run', ...words, '--quiet')
  return { status, err }
}

function filesOf(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name), 'utf8')]),
  )
}

/** A table that has its name is whole; one that has not ends with a row as far as the checkpoint says. */
function checkTables(directory: string): void {
  const { tables = {} } = existsSync(path.join(directory, 'checkpoint.json'))
    ? (JSON.parse(readFileSync(path.join(directory, 'checkpoint.json'), 'utf8')) as {
        readonly tables: Readonly<Record<string, { readonly bytes: number }>>
      })
    : {}
  for (const [name, text] of Object.entries(filesOf(directory))) {
    const table = name.replace('.partial', '')
    if (table.endsWith('.json')) {
      if (table === name) expect(() => JSON.parse(text) as unknown, name).not.toThrow()
      continue
    }
    if (table === PAGE_FILE) {
      expect(text.endsWith('</html>\n'), name).toBe(true)
      continue
    }
    const kept = table === name ? text : text.slice(0, tables[table]?.bytes ?? 0)
    if (kept === '') continue
    expect(kept.endsWith('\n'), name).toBe(true)
    const header = kept.slice(0, kept.indexOf('\n')).split(',')
    for (const row of parseTable(kept)) expect(Object.keys(row), name).toEqual(header)
  }
}

beforeAll(() => {
  run(SCENARIO, '--out', UNINTERRUPTED)
})

describe('a run that is killed', () => {
  // A moment of the run, then moments of the runs that go on with it: whichever they are, the end is the same.
  it.each([[[300, 250]], [[400, 120, 350]], [[500]], [[350, 350]], [[700, 1]]])(
    'after %j ms is gone on with, and leaves what it would have left',
    async (moments) => {
      const out = path.join(folder, `killed-${moments.join('-')}`)
      const [first = 0, ...later] = moments
      const begin = [SCENARIO, '--checkpoint', '20ms', '--out', out]
      await killedAfter(first, 'SIGKILL', ...begin)
      for (const moment of later) {
        if (!existsSync(path.join(out, 'checkpoint.json'))) break
        checkTables(out)
        await killedAfter(moment, 'SIGKILL', '--resume', out)
      }
      if (existsSync(out)) checkTables(out)
      const goesOn = existsSync(path.join(out, 'checkpoint.json'))
      if (goesOn) expect(run('--resume', out)).toEqual({ status: 0, err: '' })
      else if (!existsSync(path.join(out, 'manifest.json'))) run(...begin, '--force')
      expect(filesOf(out)).toEqual(filesOf(UNINTERRUPTED))
    },
    60_000,
  )

  it('goes on from files that are worse than it left them', async () => {
    const out = path.join(folder, 'damaged')
    await leaveCheckpoint(out)
    rmSync(path.join(out, 'pods.csv.partial'))
    writeFileSync(path.join(out, 'nodes.csv.partial'), 'damaged')
    expect(run('--resume', out).status).toBe(0)
    expect(filesOf(out)).toEqual(filesOf(UNINTERRUPTED))
  })

  it('goes on with gangs that wait', async () => {
    const whole = path.join(folder, 'gangs-whole')
    expect(run(GANGS, '--out', whole)).toEqual({ status: 0, err: '' })
    const out = path.join(folder, 'gangs')
    await leaveCheckpoint(out, 'SIGKILL', GANGS)
    expect(run('--resume', out).status).toBe(0)
    expect(filesOf(out)).toEqual(filesOf(whole))
  })

  it('goes on after an interruption, whose reports are whole', async () => {
    const out = path.join(folder, 'interrupted')
    await leaveCheckpoint(out, 'SIGINT')
    expect(filesOf(out)['manifest.json']).toContain('"interrupted": true')
    expect(filesOf(out)[PAGE_FILE]).toContain('"interrupted":true')
    checkTables(out)
    expect(run('--resume', out).status).toBe(0)
    expect(filesOf(out)).toEqual(filesOf(UNINTERRUPTED))
  })
})

/** Gangs of two kinds, in-tree and by Coscheduling, more than there is room for: they wait, back off, and are given room by pods that end. */
const GANGS = file(
  'gangs.yaml',
  `apiVersion: stowage.dev/v1alpha1
kind: Scenario
metadata: { name: gangs }
spec:
  until: 12h
  featureGates: { GenericWorkload: true }
  scheduler: { policy: Coscheduling }
  nodes: [{ template: { count: 6, shape: "4:16Gi" } }]
  objects: [gang-objects.yaml]
  workload: [{ trace: { file: few.csv, format: csv } }]
`,
)
file('few.csv', traceOf(1500))
file('gang-objects.yaml', [...Array(24).keys()].flatMap(gangOf).join('---\n'))

function gangOf(number: number): readonly string[] {
  const name = `gang-${number}`
  const inTree = number % 2 === 0
  const group = inTree
    ? `apiVersion: scheduling.k8s.io/v1beta1
kind: PodGroup
metadata: { name: ${name}, namespace: default }
spec: { schedulingPolicy: { gang: { minCount: 3 } } }
`
    : `apiVersion: scheduling.x-k8s.io/v1alpha1
kind: PodGroup
metadata: { name: ${name}, namespace: default }
spec: { minMember: 3 }
`
  const pods = [0, 1, 2].map(
    (member) => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}-${member}
  labels: ${inTree ? '{}' : `{ scheduling.x-k8s.io/pod-group: ${name} }`}
spec:
  ${inTree ? `schedulingGroup: { podGroupName: ${name} }` : 'restartPolicy: Never'}
  activeDeadlineSeconds: ${1000 + number * 50}
  containers: [{ name: main, image: train, resources: { requests: { cpu: 3 } } }]
`,
  )
  return [group, ...pods]
}

/** Ends a run after its first checkpoint, in a folder. On a busy machine a run may come to its end before it is seen: then it begins again. */
async function leaveCheckpoint(
  out: string,
  signal: NodeJS.Signals = 'SIGKILL',
  scenario = SCENARIO,
): Promise<void> {
  const place = path.join(out, 'checkpoint.json')
  for (let attempt = 0; attempt < 10; attempt += 1) {
    rmSync(out, { recursive: true, force: true })
    const words = [BUILT_COMMAND, 'run', scenario, '--checkpoint', '1ms', '--out', out, '--quiet']
    const child = spawn(process.execPath, words)
    const ended = new Promise((resolve) => child.on('close', resolve))
    while (!existsSync(place) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 2))
    child.kill(signal)
    await ended
    if (existsSync(place)) return
  }
  throw new Error('no run was ended early')
}

describe('a checkpoint', () => {
  const left = path.join(folder, 'left')
  beforeAll(() => leaveCheckpoint(left))

  /** A copy of what the killed run left: each test ends it in its own way. */
  function copy(name: string): string {
    const out = path.join(folder, name)
    cpSync(left, out, { recursive: true })
    return out
  }

  it('is named where the directory is to be taken anew', async () => {
    expect(await stowage('run', SCENARIO, '--out', left)).toMatchObject({
      status: 2,
      err: `${left}: exists already (a run ended early there: --resume ${left} goes on with it, --force begins again)\n`,
    })
  })

  it.each([
    ['seed', ['--seed', '2'], 'the seed is 2, not 1'],
    ['scenario', ['--until', '1h'], 'scenario has changed'],
  ])('is refused for another %s', async (name, words, message) => {
    const out = copy(`other-${name}`)
    const before = filesOf(out)
    const { status, err } = await stowage('run', SCENARIO, ...words, '--resume', out)
    expect(status).toBe(2)
    expect(err).toContain(`${path.join(out, 'checkpoint.json')}: is of another run: ${message}`)
    expect(filesOf(out)).toEqual(before)
  })

  it('is refused when an input was changed', async () => {
    const out = copy('other-input')
    writeFileSync(TRACE, traceOf(7999))
    const { status, err } = await stowage('run', '--resume', out)
    writeFileSync(TRACE, traceOf(8000))
    expect(status).toBe(2)
    expect(err).toMatch(/is of another run: .*trace\.csv has changed/)
  })

  it('is refused when the same inputs come to other events, or other rows', async () => {
    const out = copy('other-events')
    const place = path.join(out, 'checkpoint.json')
    const text = readFileSync(place, 'utf8')
    writeFileSync(place, text.replace(/"eventDigest": "[0-9a-f]{4}/, '"eventDigest": "0000'))
    expect(run('--resume', out).err).toMatch(
      /is of another run: its events have the digest [0-9a-f]{16}, not 0000/,
    )
    writeFileSync(place, text.replace(/("pods.csv": \{\s+"bytes": )\d+/, '$1' + '1'))
    expect(run('--resume', out).err).toContain('is of another run: pods.csv has other rows')
  })

  it('is there only where a run left it', async () => {
    expect(await stowage('run', '--resume', UNINTERRUPTED)).toMatchObject({
      status: 2,
      err: `${path.join(UNINTERRUPTED, 'checkpoint.json')}: is not there: the run came to its end (a run leaves checkpoints with --checkpoint; --force begins again)\n`,
    })
    const { err } = await stowage('run', '--resume', path.join(folder, 'none'))
    expect(err).toContain('is not there: there is nothing to go on with')
  })

  it('outlives a full disk, which says how to go on', () => {
    const out = copy('full')
    rmSync(path.join(out, 'summary.csv.partial'), { force: true })
    symlinkSync('/dev/full', path.join(out, 'summary.csv.partial'))
    const { status, err } = run('--resume', out)
    expect(status).toBe(2)
    expect(err).toBe(
      `stowage run --resume ${out} goes on from the last checkpoint\n` +
        `${path.join(out, 'summary.csv')}: cannot be written: the disk is full (free some space or give another --out)\n`,
    )
    rmSync(path.join(out, 'summary.csv.partial'), { force: true })
    expect(run('--resume', out).status).toBe(0)
    expect(filesOf(out)).toEqual(filesOf(UNINTERRUPTED))
  })
})
