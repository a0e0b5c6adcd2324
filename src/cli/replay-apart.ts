import { spawn } from 'node:child_process'

import { InputError } from '../base/errors.ts'
import type { ReplayFigures, ReplaySetting } from '../benchmark/replay.ts'
import { packageVersion } from '../run/package.ts'
import { EXIT } from './io.ts'
import type { CommandIo } from './io.ts'

/**
 * Replays in a process of its own, so that no replay sees the memory and the compiled code of another; in this process
 * where the program is a part of another one.
 */
export async function replayApart(
  setting: ReplaySetting,
  io: CommandIo,
  signal: AbortSignal,
): Promise<ReplayFigures> {
  return io.program === undefined ? replayHere(setting, signal) : replayThere(setting, io.program, signal)
}

async function replayHere(setting: ReplaySetting, signal: AbortSignal): Promise<ReplayFigures> {
  const { runReplay } = await import('../benchmark/replay.ts')
  const { processMeters } = await import('./process-meters.ts')
  const hooks = { meters: processMeters, measuresCost: true, version: packageVersion(), signal }
  return (await runReplay(setting, hooks)).figures
}

function replayThere(
  setting: ReplaySetting,
  [command = '', ...program]: readonly string[],
  signal: AbortSignal,
): Promise<ReplayFigures> {
  const { nodes, pods, shapes, seed, schedulerConfig, overrides = [] } = setting
  const words = [
    ...['bench', 'replay', '--json', '--no-check'],
    ...['--nodes', String(nodes), '--pods', String(pods), '--shapes', String(shapes ?? 'all')],
    ...['--seed', String(seed)],
    ...(schedulerConfig === undefined ? [] : ['--scheduler-config', schedulerConfig]),
    ...overrides.flatMap((override) => ['--set', override]),
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...program, ...words], { stdio: ['ignore', 'pipe', 'pipe'], signal })
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part.toString('utf8')))
    child.stderr.on('data', (part: Buffer) => (err += part.toString('utf8')))
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === EXIT.done) resolve(JSON.parse(out) as ReplayFigures)
      else if (status === EXIT.badInput) reject(new InputError({ message: err.trim() }))
      else
        reject(new Error(`a replay of ${nodes} nodes and ${pods} pods ended with ${status}: ${err.trim()}`))
    })
  })
}
