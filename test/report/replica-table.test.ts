import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

import { SECOND } from '../../src/base/time.ts'
import type { WrittenObject } from '../../src/cluster/api-server.ts'
import { COLUMNS } from '../../src/report/columns.ts'
import { OutputFile } from '../../src/report/output-file.ts'
import { replicaCounts } from '../../src/report/replica-counts.ts'
import { ReplicaTable } from '../../src/report/replica-table.ts'
import { RowWriter } from '../../src/report/row-writer.ts'
import { parseTable } from './parse-csv.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const NAME = 'replicas.csv'

interface Parts {
  readonly spec?: object
  readonly status?: object
  readonly owner?: { readonly kind: string; readonly name: string }
}

function written(kind: string, name: string, { spec = {}, status = {}, owner }: Parts): WrittenObject {
  const ownerReferences =
    owner === undefined ? [] : [{ ...owner, apiVersion: 'v1', uid: owner.name, controller: true }]
  const object = {
    metadata: { namespace: 'shop', name, ownerReferences },
    spec: { template: {}, ...spec },
    status,
  }
  return { kind, key: `shop/${name}`, object }
}

function deleted(kind: string, name: string): WrittenObject {
  return { kind, key: `shop/${name}`, object: undefined }
}

/** What a table holds after a play, a text a row. */
function played(play: (table: ReplicaTable) => void, rowsEach?: number): readonly string[] {
  const directory = temporaryDirectory()
  const file = new OutputFile(directory, NAME)
  const rows = new RowWriter(file, COLUMNS[NAME])
  play(new ReplicaTable(rows, 10 * SECOND, rowsEach))
  rows.flush()
  file.finish()
  return readFileSync(path.join(directory, NAME), 'utf8').trimEnd().split('\n').slice(1)
}

describe('replicaCounts', () => {
  it.each([
    ['Deployment', { spec: { replicas: 3 }, status: { replicas: 4, readyReplicas: 2 } }, [3, 4, 2]],
    ['Deployment', {}, [1, 0, 0]],
    ['StatefulSet', { spec: { replicas: 3 }, status: { replicas: 2, currentReplicas: 1 } }, [3, 2, 0]],
    [
      'DaemonSet',
      {
        status: { desiredNumberScheduled: 5, currentNumberScheduled: 4, numberReady: 3, numberAvailable: 1 },
      },
      [5, 4, 3],
    ],
    [
      'Job',
      { spec: { parallelism: 4, completions: 6 }, status: { active: 2, ready: 1, succeeded: 4 } },
      [2, 2, 1],
    ],
    ['Job', { spec: { parallelism: 4 }, status: { active: 3, succeeded: 1 } }, [3, 3, 0]],
    ['Job', { spec: { parallelism: 4, suspend: true }, status: { active: 1 } }, [0, 1, 0]],
    ['Job', { spec: {}, status: { conditions: [{ type: 'FailureTarget', status: 'True' }] } }, [0, 0, 0]],
    ['GameFleet', { spec: { replicas: 7 }, status: { replicas: 6, readyReplicas: 5 } }, [7, 6, 5]],
  ])('of a %s are those of its status: %j', (kind, parts, [desired, current, ready]) => {
    const counted = replicaCounts(written(kind, 'a', parts))
    expect(counted).toEqual({ kind, name: 'a', counts: { desired, current, ready } })
  })

  it('leaves out what something else counts, and what has no replicas', () => {
    const owner = { kind: 'Deployment', name: 'a' }
    expect(replicaCounts(written('ReplicaSet', 'a-1', { spec: { replicas: 3 }, owner }))).toBeUndefined()
    expect(replicaCounts(written('Job', 'a-1', { owner: { kind: 'JobSet', name: 'a' } }))).toBeUndefined()
    expect(replicaCounts(written('Lease', 'a', {}))).toBeUndefined()
  })
})

describe('replicas.csv', () => {
  it('has a row where something is different at the end of an instant', () => {
    const rows = played((table) => {
      table.nodesChanged({ current: 1, ready: 0 }, 0)
      table.nodesChanged({ current: 2, ready: 2 }, 0)
      table.written(written('Deployment', 'a', { spec: { replicas: 2 } }), 0)
      table.written(written('Deployment', 'a', { spec: { replicas: 2 }, status: { replicas: 2 } }), 0)
      table.written(
        written('Deployment', 'a', { spec: { replicas: 2 }, status: { replicas: 1 } }),
        5 * SECOND,
      )
      table.written(
        written('Deployment', 'a', { spec: { replicas: 2 }, status: { replicas: 2 } }),
        5 * SECOND,
      )
      table.written(written('Job', 'b', {}), 6 * SECOND)
      table.written(deleted('Job', 'b'), 6 * SECOND)
      table.written(deleted('Deployment', 'a'), 6_500_000)
      table.close(9 * SECOND)
    })
    expect(rows).toEqual(['0,,Node,,,2,2', '0,shop,Deployment,a,2,2,0', '6.5,shop,Deployment,a,0,0,0'])
  })

  it('counts the jobs of a CronJob together', () => {
    const owner = { kind: 'CronJob', name: 'nightly' }
    const over = { conditions: [{ type: 'Complete', status: 'True' }] }
    const rows = played((table) => {
      table.written(written('Job', 'nightly-1', { owner, status: { active: 1, ready: 1 } }), 0)
      table.written(written('Job', 'nightly-2', { owner, status: { active: 1 } }), SECOND)
      table.written(written('Job', 'nightly-1', { owner, status: over }), 2 * SECOND)
      table.written(deleted('Job', 'nightly-1'), 3 * SECOND)
      table.close(4 * SECOND)
    })
    expect(rows).toEqual([
      '0,shop,CronJob,nightly,1,1,1',
      '1,shop,CronJob,nightly,2,2,1',
      '2,shop,CronJob,nightly,1,1,0',
    ])
  })

  it('no longer counts what something else counts from then on', () => {
    const rows = played((table) => {
      table.written(written('ReplicaSet', 'a', { spec: { replicas: 2 } }), 0)
      const owner = { kind: 'Deployment', name: 'd' }
      table.written(written('ReplicaSet', 'a', { spec: { replicas: 2 }, owner }), SECOND)
      table.close(2 * SECOND)
    })
    expect(rows).toEqual(['0,shop,ReplicaSet,a,2,0,0', '1,shop,ReplicaSet,a,0,0,0'])
  })

  it('says of any writes what stands at the end of each instant', () => {
    const step = fc.record({
      kind: fc.constantFrom('Deployment', 'CronJob'),
      name: fc.constantFrom('a', 'b', 'c'),
      replicas: fc.option(fc.nat(3), { nil: undefined }),
      wait: fc.constantFrom(0, 0, 1),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const objects = new Map<string, WrittenObject>()
        const expected: string[] = []
        const last = new Map<string, string>()
        let now = 0
        const settle = (): void => {
          const sums = new Map<string, number[]>([...last.keys()].map((key) => [key, [0, 0, 0]]))
          for (const object of objects.values()) {
            const { kind, name, counts } = replicaCounts(object) ?? expect.unreachable()
            const key = `shop,${kind},${name}`
            const sum = sums.get(key) ?? [0, 0, 0]
            sums.set(
              key,
              [counts.desired, counts.current, counts.ready].map((count, i) => count + (sum[i] ?? 0)),
            )
          }
          for (const [key, sum] of sums) {
            if (last.get(key) !== sum.join()) expected.push(`${now},${key},${sum.join()}`)
            last.set(key, sum.join())
          }
        }
        const rows = played((table) => {
          for (const { kind, name, replicas, wait } of steps) {
            if (wait > 0) settle()
            now += wait
            const isJob = kind === 'CronJob'
            const owner = { kind, name: 'all' }
            const counts = { spec: { parallelism: replicas, completions: 9 }, status: { active: replicas } }
            const ofDeployment = { spec: { replicas }, status: { replicas } }
            const change =
              replicas === undefined
                ? deleted(isJob ? 'Job' : kind, name)
                : written(isJob ? 'Job' : kind, name, isJob ? { ...counts, owner } : ofDeployment)
            if (change.object === undefined) objects.delete(`${change.kind}/${name}`)
            else objects.set(`${change.kind}/${name}`, change)
            table.written(change, now * SECOND)
          }
          settle()
          table.close(now * SECOND)
        })
        expect(rows.toSorted()).toEqual(expected.toSorted())
        expect(rows.map((row) => Number(row.split(',')[0]))).toEqual(
          rows.map((row) => Number(row.split(',')[0])).toSorted((one, other) => one - other),
        )
      }),
    )
  })

  it('tells less often as it grows, the state at the end of each span', () => {
    const rows = played((table) => {
      for (let second = 0; second < 1000; second++) {
        table.written(written('Deployment', 'a', { spec: { replicas: second } }), second * SECOND)
      }
      table.close(999 * SECOND)
    }, 5)
    const parsed = parseTable(`time_s,namespace,kind,name,desired,current,ready\n${rows.join('\n')}\n`)
    const told = parsed.map((row) => [Number(row['time_s']), Number(row['desired'])])
    expect(told.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((at) => [at, at]))
    // Five rows 10 s apart, five 20 s apart, 40, 80, 160, the end.
    const times = told.slice(5).map(([at]) => at)
    expect(times).toEqual([
      10, 20, 30, 40, 50, 60, 80, 100, 120, 140, 160, 200, 240, 280, 320, 400, 480, 560, 640, 720, 800, 960,
      999,
    ])
    for (const [at, desired] of told) expect(desired).toBe(at)
  })
})
