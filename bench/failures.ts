/**
 * What do failures cost? The whole replay with nodes that crash beside one without, in alternation: ratios of CPU. Takes a minute or two; needs
 * `npm run build`.
 */
import type { BenchRow } from './bench-row.ts'
import { runStowage } from './commands.ts'

const NODES = 5_000
const PODS = 300_000
const ROUNDS = 3

/** Each node crashes once in five days, and is back after an hour: far more often than machines do, for there to be some. */
const CRASHES = [
  {
    nodeCrash: {
      timeBetweenFailures: { weibull: { shape: 0.7, mean: '5d' } },
      repair: { lognormal: { sigma: 1.2, mean: '1h' } },
    },
  },
]

/** The row of the bench. */
export function failureRows(): Promise<readonly BenchRow[]> {
  const cost = (failures: readonly unknown[]): number => {
    const work = ['--nodes', String(NODES), '--pods', String(PODS), '--no-check', '--no-phases', '--json']
    const set = failures.length === 0 ? [] : ['--set', `spec.failures=${JSON.stringify(failures)}`]
    const replay = runStowage('bench', 'replay', ...work, ...set)
    const { podsFinished } = JSON.parse(replay.stdout) as { readonly podsFinished: number }
    if (podsFinished !== PODS) throw new Error(`${podsFinished} of ${PODS} pods finished`)
    return replay.cpuSeconds
  }
  const ratios = Array.from({ length: ROUNDS }, () => {
    const before = cost([])
    const ours = cost(CRASHES)
    return (2 * ours) / (before + cost([]))
  }).toSorted((one, other) => one - other)
  const [low = 0, middle = 0, high = 0] = ratios
  return Promise.resolve([
    {
      name: 'replay with node crashes, CPU over the same without',
      value: middle,
      unit: 'times',
      isHigherBetter: false,
      marginPercent: ((high - low) / middle) * 50,
    },
  ])
}
