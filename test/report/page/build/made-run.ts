import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { COLUMNS } from '../../../../src/report/columns.ts'
import type { TableName } from '../../../../src/report/columns.ts'
import { csvText } from '../../../../src/report/csv.ts'
import type { Cell } from '../../../../src/report/csv.ts'
import { manifestJson } from '../../../../src/report/manifest.ts'

/** Cells of a row by column; the others are empty. */
export type MadeRow = Readonly<Record<string, Cell>>

/** Writes a table of a run as the recorder does. */
export function writeTable(directory: string, name: TableName, rows: readonly MadeRow[]): void {
  const columns: readonly string[] = COLUMNS[name]
  const cells = rows.map((row) => columns.map((column) => row[column]))
  writeFileSync(path.join(directory, name), csvText([columns, ...cells]))
}

/** Writes summary.json and manifest.json. */
export function writeRun(
  directory: string,
  metrics: Readonly<Record<string, number | null>>,
  scenario = 'made',
): void {
  const summary = Object.entries(metrics).map(([metric, value]) => ({ metric, value, unit: unitOf(metric) }))
  writeFileSync(path.join(directory, 'summary.json'), JSON.stringify(summary))
  const manifest = {
    command: ['run', 'made.yaml'],
    scenario,
    seed: 7,
    versions: { stowage: '1.2.3' },
    digests: {},
    interrupted: false,
    warnings: [],
  }
  writeFileSync(path.join(directory, 'manifest.json'), manifestJson(manifest, {}))
}

function unitOf(metric: string): string {
  if (/_s(_|$)/.test(metric)) return 's'
  return /requested|stranded|availability|work_lost$/.test(metric) ? 'share' : 'count'
}

/**
 * A run of 100 s on two nodes of 1000 millicores, 1000 bytes and 10 pods. On node `a` one pod of 500 millicores from 0 to 30 and
 * one of 600 from 20 to the end; on `b`, whose machine is down from 40 to 60 and which goes at 80, one of 250 from 10 to 40.
 */
export function writeMadeRun(directory: string): void {
  writeRun(directory, { simulated_s: 100, pods_submitted: 4, pods_scheduled: 3, pods_pending_at_end: 1 })
  const node = { cpu_allocatable_millicores: 1000, memory_allocatable_bytes: 1000, pods_allocatable: 10 }
  writeTable(directory, 'nodes.csv', [
    { ...node, node: 'b', gpu_allocatable_milli: 0, crashes: 1 },
    { ...node, node: 'a', gpu_allocatable_milli: 0, crashes: 0 },
  ])
  const pod = { namespace: 'default', qos: 'Burstable', priority: 0, gpu_milli: 0, memory_bytes: 100 }
  writeTable(directory, 'pods.csv', [
    {
      ...pod,
      name: 'web-5d9-1',
      owner_kind: 'ReplicaSet',
      owner: 'web-5d9',
      cpu_millicores: 500,
      created_s: 0,
      bound_s: 0,
      running_s: 1,
      finished_s: 30,
      node: 'a',
      outcome: 'Deleted',
    },
    {
      ...pod,
      name: 'task-2',
      owner_kind: 'Task',
      owner: 'task-2',
      cpu_millicores: 250,
      created_s: 4,
      bound_s: 10,
      finished_s: 40,
      node: 'b',
      outcome: 'Failed',
      priority: -5,
    },
    {
      ...pod,
      name: 'task-3',
      owner_kind: 'Task',
      owner: 'task-3',
      cpu_millicores: 600,
      created_s: 20,
      bound_s: 20,
      running_s: 21.5,
      node: 'a',
      outcome: 'Running',
      qos: 'Guaranteed',
    },
    {
      ...pod,
      name: 'task-4',
      owner_kind: 'Task',
      owner: 'task-4',
      cpu_millicores: 900,
      created_s: 45,
      outcome: 'Pending',
    },
  ])
  writeTable(directory, 'workloads.csv', [{ namespace: 'default', kind: 'Deployment', name: 'web' }])
  writeTable(directory, 'events.csv', [
    { time_s: 40, kind: 'MachineDown', object: 'b', node: 'b', reason: 'node-crash/1' },
    { time_s: 50, kind: 'Action', object: 'Deployment default/web', reason: 'scale', message: '3 replicas' },
    { time_s: 60, kind: 'MachineUp', object: 'b', node: 'b', reason: 'node-crash/1' },
    { time_s: 70, kind: 'WritesStopped', object: 'kube-apiserver' },
    { time_s: 75, kind: 'WritesTaken', object: 'kube-apiserver' },
    { time_s: 80, kind: 'NodeDeleted', object: 'b', node: 'b' },
  ])
  writeTable(directory, 'failures.csv', [
    {
      id: 1,
      model: 'node-crash',
      effect: 'down',
      node_count: 1,
      first_node: 'b',
      started_s: 40,
      ended_s: 60,
      pods_affected: 1,
      unavailable_pod_s: 10,
    },
  ])
  writeTable(directory, 'recovery_steps.csv', [{ failure: 1, step: 'detected', count: 1, last_s: 12 }])
  const limit = { failure: 1, namespace: 'default', kind: 'Task' }
  writeTable(directory, 'recovery_limits.csv', [
    { ...limit, name: 'one', cause: 'detection', of_failure_share: 0.25 },
    { ...limit, name: 'two', cause: 'detection', of_failure_share: 0.5 },
    { ...limit, name: 'two', cause: 'capacity', of_failure_share: 0.25 },
  ])
  writeTable(directory, 'timeseries.csv', [
    {
      time_s: 50,
      interval_s: 50,
      cpu_requested_share: 0.25,
      pending_pods: 1,
      starting_pods: 0,
      running_pods: 2,
      nodes: 2,
      nodes_ready: 1,
      nodes_in_use: 2,
      pods_created: 4,
      evictions: 1,
    },
    {
      time_s: 100,
      interval_s: 50,
      cpu_requested_share: 0.5,
      pending_pods: 1,
      starting_pods: 0,
      running_pods: 1,
      nodes: 1,
      nodes_ready: 1,
      nodes_in_use: 1,
      pods_created: 0,
      evictions: 0,
    },
  ])
}
