import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { runScenario } from '../run/run.ts'
import { replayScenario, workOf } from './replay.ts'
import type { ReplaySetting } from './replay.ts'

/** Size of the sample: small enough for the definition, large enough that the search for nodes is sampled. */
const SAMPLE = { nodes: 160, pods: 1000 } as const

/** A sample of a replay, decided by the fast paths and by the definition. */
export interface ReplayCheck {
  readonly nodes: number
  readonly pods: number
  /**
   * Whether every pod had the same node at the same times, and every event was the same. Attempts are not compared: pods
   * that wait are tried as groups by the fast paths, one by one by the definition.
   */
  readonly equal: boolean
}

/** Column of pods.csv that is not compared. */
const ATTEMPTS = 'scheduling_attempts'

/** Replays a sample of the work twice, with and without fast paths, and compares pods.csv and the events. */
export async function checkReplay(setting: ReplaySetting, signal: AbortSignal): Promise<ReplayCheck> {
  const nodes = Math.min(setting.nodes, SAMPLE.nodes)
  const pods = Math.min(setting.pods, SAMPLE.pods)
  const limit = setting.trace === undefined ? [] : [`spec.workload[0].trace.limit=${pods}`]
  const sample = { ...setting, nodes, pods, overrides: [...(setting.overrides ?? []), ...limit] }
  const [fast, slow] = [await replayed(sample, true, signal), await replayed(sample, false, signal)]
  return { nodes, pods, equal: fast.eventDigest === slow.eventDigest && fast.pods === slow.pods }
}

async function replayed(
  setting: ReplaySetting,
  usesIndex: boolean,
  signal: AbortSignal,
): Promise<{ readonly eventDigest: string; readonly pods: string }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'stowage-check-'))
  try {
    const { eventDigest } = await runScenario(replayScenario(setting), {
      directory,
      command: [],
      version: '',
      signal,
      work: workOf(setting),
      usesIndex,
    })
    return { eventDigest, pods: withoutAttempts(readFileSync(path.join(directory, 'pods.csv'), 'utf8')) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function withoutAttempts(csv: string): string {
  const lines = csv.split('\n')
  const column = (lines[0] ?? '').split(',').indexOf(ATTEMPTS)
  return lines.map((line) => line.split(',').toSpliced(column, 1).join()).join('\n')
}
