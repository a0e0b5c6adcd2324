import { describe, expect, it } from 'vitest'

import { clusterState, stateSentence } from '../../../../../src/report/page/client/player/cluster-state.ts'
import { Placement } from '../../../../../src/report/page/client/player/placement.ts'
import { advance, stepped } from '../../../../../src/report/page/client/player/playback.ts'
import { unpackPods } from '../../../../../src/report/page/client/player/pod-columns.ts'
import { matchingPods } from '../../../../../src/report/page/client/player/pod-search.ts'
import { amountText } from '../../../../../src/report/page/client/player/pod-words.ts'
import { madePlayer } from './pod-builder.ts'

const player = madePlayer(
  [
    { name: 'shop/web-1', node: 0, boundAt: 0, runningAt: 2, endedAt: 10, cpu: 1000, memory: 1024 },
    { name: 'shop/web-2', node: 0, boundAt: 0, runningAt: 1, cpu: 500, memory: 1024 },
    { name: 'batch/etl', node: 1, boundAt: 5, runningAt: 6, cpu: 4000, memory: 2048, workload: 1 },
  ],
  [
    { name: 'a', cpuMillicores: 2000, memoryBytes: 4096, gpuMilli: 0 },
    { name: 'b', cpuMillicores: 4000, memoryBytes: 4096, gpuMilli: 0, down: [[8, 9]] },
    { name: 'late', cpuMillicores: 2000, memoryBytes: 8192, gpuMilli: 0, from: 7 },
  ],
  { workloads: ['web', 'etl'] },
)
const pods = unpackPods(player)

function sentenceAt(at: number): string {
  const placement = new Placement(pods, player.nodes)
  placement.seek(at)
  return stateSentence(clusterState(player, pods, placement))
}

describe('the state of a cluster in words', () => {
  it('counts pods, what they request of nodes that are up, and what is not as it should be', () => {
    expect(sentenceAt(1)).toBe(
      '2 pods on 2 nodes, 1 starting, CPU 25 % requested, memory 25 % requested, 1 node empty.',
    )
    expect(sentenceAt(6)).toBe('3 pods on 2 nodes, CPU 91.7 % requested, memory 50 % requested.')
    expect(sentenceAt(8)).toBe(
      '3 pods on 3 nodes, CPU 37.5 % requested, memory 16.7 % requested, 1 node down, 1 node empty.',
    )
  })

  it('says amounts as people do', () => {
    expect(amountText('cpu', 1000)).toBe('1 core')
    expect(amountText('cpu', 250)).toBe('0.25 cores')
    expect(amountText('memory', 1.5 * 2 ** 30)).toBe('1.5 GiB')
    expect(amountText('gpu', 2000)).toBe('2 GPUs')
    expect(amountText('cpu', 0)).toBe('no CPU')
  })
})

describe('a search for pods', () => {
  it('looks into names, workloads and nodes, in any case', () => {
    const found = (text: string, workload?: number) => matchingPods({ text, workload }, player, pods)
    expect(found('')).toBeUndefined()
    expect(found('SHOP/')).toEqual(Uint8Array.of(1, 1, 0))
    expect(found('etl')).toEqual(Uint8Array.of(0, 0, 1))
    expect(found('web-2')).toEqual(Uint8Array.of(0, 1, 0))
    expect(found('b')).toEqual(Uint8Array.of(1, 1, 1))
    expect(found('', 1)).toEqual(Uint8Array.of(0, 0, 1))
    expect(found('shop', 1)).toEqual(Uint8Array.of(0, 0, 0))
  })
})

describe('playback', () => {
  it('goes through what is shown in a minute at speed 1, and not past its end', () => {
    const range = { from: 100, to: 700 }
    expect(advance(100, 1, 1, range)).toBe(110)
    expect(advance(100, 1, 4, range)).toBe(140)
    expect(advance(695, 1, 1, range)).toBe(700)
    expect(advance(0, 1, 1, range)).toBe(110)
  })

  it('moves by keys inside what is shown', () => {
    const range = { from: 0, to: 400 }
    expect(stepped(200, 1, range, false)).toBe(210)
    expect(stepped(200, -1, range, true)).toBe(199)
    expect(stepped(399, 1, range, false)).toBe(400)
  })
})
