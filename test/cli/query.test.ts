import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { csvText } from '../../src/report/csv.ts'
import { COLUMNS } from '../../src/report/columns.ts'
import { readParquet } from '../report/read-parquet.ts'
import { writeParquetOfText } from '../../src/report/parquet-tables.ts'
import { hasDuckDb } from '../duckdb.ts'
import { BUILT_COMMAND, stowage, testFolder } from './command.ts'
import type { CommandResult } from './command.ts'

const { folder } = testFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SWEEP = path.join(folder, 'sweep')

/** A run's directory with a table of failures in one form, a few rows that differ by seed. */
function leaveRun(scenario: string, seed: number, form: 'csv' | 'parquet'): void {
  const directory = path.join(SWEEP, scenario, `seed-${seed}`)
  mkdirSync(directory, { recursive: true })
  const columns = COLUMNS['recovery_steps.csv']
  const csv = csvText([columns, [1, 'ready', seed, 0.5, undefined, 1.25, 2, seed * 10]])
  if (form === 'csv') writeFileSync(path.join(directory, 'recovery_steps.csv'), csv)
  else writeParquetOfText(csv, path.join(directory, 'recovery_steps.parquet'))
  writeFileSync(
    path.join(directory, 'manifest.json'),
    JSON.stringify({
      scenario: 'base',
      policy: `p-${scenario}`,
      seed: String(seed),
      interrupted: seed === 2,
    }),
  )
}

beforeAll(() => {
  for (const seed of [1, 2, 10]) {
    leaveRun('one', seed, 'csv')
    leaveRun('two', seed, 'parquet')
  }
  writeFileSync(path.join(SWEEP, 'runs.csv'), 'scenario,seed,metric,value,unit\none,1,pods_bound,3,pods\n')
  writeFileSync(path.join(SWEEP, 'points.csv'), 'point,nodes,when\n1,10x64:256Gi,2026-01-02\n')
})

function ask(...words: readonly string[]): Promise<CommandResult> {
  return stowage('query', ...words)
}

async function rowsOf(...words: readonly string[]): Promise<unknown> {
  const { out, err, status } = await ask(...words, '--json')
  expect([status, err]).toEqual([0, ''])
  return JSON.parse(out)
}

describe.skipIf(!hasDuckDb)('a query', () => {
  it('asks all runs of a comparison, CSV and Parquet alike, and says which each row is of', async () => {
    const { out } = await ask(
      SWEEP,
      'select run, scenario, policy, seed, count, p50_s, last_s from recovery_steps order by scenario, seed',
    )
    expect(out).toBe(
      [
        'run          scenario  policy  seed  count  p50_s  last_s',
        'one/seed-1   one       p-one      1      1      -      10',
        'one/seed-2   one       p-one      2      2      -      20',
        'one/seed-10  one       p-one     10     10      -     100',
        'two/seed-1   two       p-two      1      1      -      10',
        'two/seed-2   two       p-two      2      2      -      20',
        'two/seed-10  two       p-two     10     10      -     100',
        '',
      ].join('\n'),
    )
  })

  it('finds runs by patterns, and by several directories', async () => {
    const runs = 'select run, interrupted from runs'
    expect(await rowsOf(path.join(SWEEP, '*', 'seed-?'), runs)).toEqual([
      { run: 'one/seed-1', interrupted: false },
      { run: 'one/seed-2', interrupted: true },
      { run: 'two/seed-1', interrupted: false },
      { run: 'two/seed-2', interrupted: true },
    ])
    const [one, two] = ['one', 'two'].map((name) => path.join(SWEEP, name, 'seed-1'))
    expect(await rowsOf(one ?? '', two ?? '', one ?? '', 'select run, scenario from runs')).toEqual([
      { run: 'one/seed-1', scenario: 'one' },
      { run: 'two/seed-1', scenario: 'two' },
    ])
    expect(await rowsOf(one ?? '', 'select run, scenario, policy from recovery_steps')).toEqual([
      { run: 'seed-1', scenario: 'base', policy: 'p-one' },
    ])
  })

  it('sees declared types, and in tables with names of a user no dates', async () => {
    const { out } = await ask(SWEEP, '--tables', '--format', 'csv')
    const typeOf = new Map(
      out.split('\n').map((line) => [line.split(',').slice(0, 2).join('.'), line.split(',')[2]]),
    )
    expect(typeOf.get('recovery_steps.count')).toBe('INTEGER')
    expect(typeOf.get('recovery_steps.p50_s')).toBe('DOUBLE')
    expect(typeOf.get('recovery_steps.step')).toBe('VARCHAR')
    expect(typeOf.get('recovery_steps.seed')).toBe('BIGINT')
    expect(typeOf.get('points.nodes')).toBe('VARCHAR')
    expect(typeOf.get('points.when')).toBe('VARCHAR')
    expect(typeOf.get('points.point')).toBe('BIGINT')
    expect(typeOf.get('run_metrics.value')).toBe('DOUBLE')
  })

  it('prints what a value is in each form', async () => {
    const sql = `select null n, true b, 9007199254740993 big, -5::bigint neg, 1e-9 small, -1.5::decimal(9,2) d,
      date '2026-01-02' as day, [1, null] l, {'a': 'x'} s, 'a|b' t, 'nan'::double as nan`
    expect((await ask(SWEEP, sql)).out.split('\n')[1]).toBe(
      '-  true  9007199254740993   -5      0  -1.5  2026-01-02  [1,null]  {"a":"x"}  a|b  NaN',
    )
    expect((await ask(SWEEP, sql, '--format', 'csv')).out.split('\n')[1]).toBe(
      ',true,9007199254740993,-5,1e-9,-1.5,2026-01-02,"[1,null]","{""a"":""x""}",a|b,NaN',
    )
    expect((await ask(SWEEP, sql, '--format', 'markdown')).out).toContain('| a\\|b | NaN |\n')
    expect(await rowsOf(SWEEP, sql)).toEqual([
      {
        ...{ n: null, b: true, big: '9007199254740993', neg: -5, small: 1e-9, d: -1.5, day: '2026-01-02' },
        ...{ l: [1, null], s: { a: 'x' }, t: 'a|b', nan: 'NaN' },
      },
    ])
    expect((await ask(SWEEP, 'select 1 as one where false', '--json')).out).toBe('[]\n')
    expect((await ask(SWEEP, 'explain select 1')).out).toContain('PROJECTION')
  })

  it('writes its answer into a file, Parquet among the forms', async () => {
    const file = path.join(folder, 'answer.parquet')
    const sql = 'select sum(count) total, avg(p99_s) mean, null::varchar gone, [1] l from recovery_steps'
    expect(await ask(SWEEP, sql, '--format', 'parquet', '--out', file)).toMatchObject({ status: 0, out: '' })
    const { columns, rows } = await readParquet(file)
    expect([columns, rows]).toEqual([['total', 'mean', 'gone', 'l'], [[26n, 2, undefined, '[1]']]])
    expect((await ask(SWEEP, sql, '--out', file)).err).toContain('exists already')
    expect((await ask(SWEEP, sql, '--format', 'parquet')).err).toContain('give --out FILE')
  })

  it('comes from a file, and may have several statements, of which the last answers', async () => {
    const file = path.join(folder, 'query.sql')
    writeFileSync(
      file,
      'create view mine as select seed from runs where seed > 1; select sum(seed) s from mine',
    )
    expect(await rowsOf(SWEEP, '--file', file)).toEqual([{ s: 24 }])
  })

  it('is told what DuckDB says of wrong SQL, where, and what may have been meant', async () => {
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['selec 1', ['syntax error at or near "selec"', 'LINE 1: selec 1\n        ^']],
      ['select * from recovery_step', ['does not exist', 'did you mean recovery_steps?']],
      ['select * from decisions', ['none of these runs has decisions.csv']],
      ['select last_z from recovery_steps', ['did you mean last_s, of recovery_steps?', '^']],
      ["select 'x'::int", ['Could not convert']],
    ]
    for (const [sql, parts] of cases) {
      const { status, err, out } = await ask(SWEEP, sql)
      expect([status, out]).toEqual([2, ''])
      for (const part of parts) expect(err).toContain(part)
      expect(err).not.toMatch(/\n {4}at |pg_/)
    }
  })

  it('reads no other file, and writes none', async () => {
    const target = path.join(SWEEP, 'runs.csv')
    const before = readFileSync(target, 'utf8')
    const other = path.join(folder, 'other.csv')
    for (const sql of [
      `copy (select 1) to '${other}'`,
      `copy (select 1) to '${target}' (use_tmp_file false)`,
      `explain analyze copy (select 1) to '${target}' (use_tmp_file false)`,
      `from read_csv('${path.join(folder, 'query.sql')}')`,
      `attach '${other}'`,
      'set enable_external_access = true',
      'install httpfs',
      `export database '${folder}'`,
      "create table t as from read_text('/etc/hostname')",
    ]) {
      expect([sql, (await ask(SWEEP, sql)).status]).toEqual([sql, 2])
    }
    expect(readFileSync(target, 'utf8')).toBe(before)
    expect(existsSync(other)).toBe(false)
  })

  it('gives the same bytes each time', async () => {
    const sql =
      'select step, avg(last_s / 3) a, stddev(p99_s + count / 7) d from recovery_steps group by step'
    const answers = [await ask(SWEEP, sql, '--json'), await ask(SWEEP, sql, '--json')]
    expect(answers[0]?.out).toBe(answers[1]?.out)
  })

  it('is ended by an interruption, with status 130', async () => {
    const sql = 'select count(*) from range(100000000) a, range(10000000) b where (a.range * b.range) % 7 = 3'
    const interruptedAfter = async (milliseconds: number): Promise<readonly unknown[]> => {
      const child = spawn(process.execPath, [BUILT_COMMAND, 'query', SWEEP, sql], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let err = ''
      child.stderr.on('data', (text: Buffer) => (err += text.toString()))
      const timer = setTimeout(() => child.kill('SIGINT'), milliseconds)
      const status = await new Promise((resolve) => child.on('close', resolve))
      clearTimeout(timer)
      return [status, err]
    }
    // A busy machine may not have begun with it by then: the signal has no status of a command.
    let ended = await interruptedAfter(3000)
    for (const longer of [10_000, 30_000]) if (ended[0] === null) ended = await interruptedAfter(longer)
    expect(ended).toEqual([130, 'interrupted: there is no answer\n'])
  })
})

describe('a query that is no query', () => {
  it('says what is missing', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[SWEEP], 'there is no SQL'],
      [[SWEEP, ' '], 'there is no SQL'],
      [['select 1'], 'there is no run to ask'],
      [[path.join(folder, 'nowhere'), 'select 1'], 'is no directory'],
      [[path.join(folder, '*', 'none-?'), 'select 1'], 'is no directory'],
      [[SWEEP, 'select 1', '--workers', '0'], '--workers'],
      [[SWEEP, '--file', path.join(folder, 'none.sql')], 'cannot be read'],
    ]
    mkdirSync(path.join(folder, 'empty'), { recursive: true })
    for (const [words, message] of [
      ...cases,
      [[path.join(folder, 'empty'), 'select 1'], 'holds no tables of a run'] as const,
    ]) {
      const { status, err } = await ask(...words)
      expect(err).toContain(message)
      expect(status).toBe(2)
    }
  })
})
