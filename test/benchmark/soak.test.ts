import { describe, expect, it } from 'vitest'

import { growthOf, soakChart, soakCsv } from '../../src/benchmark/soak.ts'
import type { SoakSample } from '../../src/benchmark/soak.ts'

const MIB = 2 ** 20

function samplesOf(bytes: readonly number[]): SoakSample[] {
  return bytes.map((liveBytes, index) => ({
    day: index + 1,
    podsFinished: 1000 * (index + 1),
    rssBytes: 2 * liveBytes,
    liveBytes,
  }))
}

describe('the growth of a soak', () => {
  it('is that from the second quarter to the last one, whatever the first was', () => {
    const live = ({ liveBytes }: SoakSample): number => liveBytes
    expect(growthOf(samplesOf([1, 2, 100, 100, 105, 103, 110, 110]), live)).toBeCloseTo(0.1)
    expect(growthOf(samplesOf([900, 300, 100, 100, 100, 100, 100, 100]), live)).toBe(0)
    expect(growthOf(samplesOf([1, 2, 3]), live)).toBe(0)
  })

  it('is kept as rows and as a plot over days', () => {
    const samples = samplesOf([10 * MIB, 20 * MIB])
    expect(soakCsv(samples)).toBe(
      'day,pods_finished,rss_bytes,live_bytes\n1,1000,20971520,10485760\n2,2000,41943040,20971520\n',
    )
    const drawing = soakChart(samples, 5)
    expect(drawing).toContain('memory while 2,000 pods come and go on 5 nodes')
    expect(drawing).toContain('>40</text>')
  })
})
