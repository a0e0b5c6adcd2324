import type { ReplayFigures, ReplaySetting } from '../benchmark/replay.ts'
import { packageVersion } from '../run/package.ts'
import { toldByProcess } from './told-by-process.ts'
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
  program: readonly string[],
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
  const task = `a replay of ${nodes} nodes and ${pods} pods`
  return toldByProcess([...program, ...words], task, signal)
}
