import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { BUILT_COMMAND, stowage, testFolder } from './command.ts'

/** The device that is always full, where the system has one. */
const FULL_DEVICE = '/dev/full'

const { folder, file } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TRACE = file('trace.csv', 'arrival_s,duration_s,cpu_milli,memory_mib\n0,10,100,128\n')
const POD = file(
  'pod.yaml',
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: x}]}\n',
)
const RUN = ['run', '--trace', TRACE, '--format', 'csv', '--nodes', '2x4:16Gi', '--quiet', '--force', '--out']
const REPLAY = ['bench', 'replay', '--nodes', '20', '--pods', '50', '--no-check', '--quiet']

describe.skipIf(!existsSync(FULL_DEVICE))('a full disk is named, and leaves what was there:', () => {
  it.each([
    ['a table of a run', 'of-run/pods.csv', [...RUN, 'DIRECTORY']],
    ['its manifest', 'last/manifest.json', [...RUN, 'DIRECTORY']],
    ['a starter', 'scenario.yaml', ['init', 'FILE', '--force']],
    ['a generated trace', 'made.csv', ['trace', 'generate', '--out', 'FILE', '--force']],
    [
      'a converted trace',
      'converted.csv',
      ['trace', 'convert', TRACE, '--format', 'csv', '--out', 'FILE', '--force'],
    ],
    ['placements', 'placed.csv', ['schedule', POD, '--nodes', '1x4:16Gi', '--out', 'FILE', '--force']],
    ['the costs of a run', 'costs/cost.csv', [...RUN, 'DIRECTORY', '--profile-cost']],
    ['the work of a replay', 'work.csv', [...REPLAY, '--write', 'FILE', '--force']],
    ['a flame graph', 'flame.svg', [...REPLAY, '--flame', 'FILE', '--force']],
  ])('%s', async (_, output, words) => {
    const place = path.join(folder, output)
    mkdirSync(path.dirname(place), { recursive: true })
    writeFileSync(place, 'of an earlier run')
    symlinkSync(FULL_DEVICE, `${place}.partial`)
    const named: Readonly<Record<string, string>> = { DIRECTORY: path.dirname(place), FILE: place }
    const given = words.map((word) => named[word] ?? word)
    const { status, err } = await stowage(...given)
    expect(err).toContain(
      `${place}: cannot be written: the disk is full (free some space or give another --out)`,
    )
    expect(status).toBe(2)
    expect(readFileSync(place, 'utf8')).toBe('of an earlier run')
    expect(
      readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.partial')),
    ).toEqual([])
  })

  it('standard output, which others may take for whole', () => {
    const words = [BUILT_COMMAND, ...RUN, path.join(folder, 'told'), '--json']
    const { status, stderr } = spawnSync('sh', ['-c', '"$@" > /dev/full', 'sh', process.execPath, ...words], {
      encoding: 'utf8',
    })
    expect(stderr).toContain('standard output: cannot be written: the disk is full')
    expect(status).toBe(2)
  })
})
