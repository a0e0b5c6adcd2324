import { describe, expect, it } from 'vitest'

import { randomCase } from '../../src/fuzz/random-case.ts'
import { shrinkCase } from '../../src/fuzz/shrink.ts'
import type { FuzzCase } from '../../src/fuzz/fuzz-case.ts'

const { signal } = new AbortController()

/** A case that has many of everything. */
const WHOLE: FuzzCase = {
  ...randomCase(1),
  failures: Array.from({ length: 7 }, (_, index) => ({ zoneOutage: { at: `${index}s`, for: '5s' } })),
  objects: Array.from({ length: 9 }, (_, index) => ({
    kind: 'Deployment',
    metadata: { name: `web-${index}` },
    spec: { replicas: 8, template: { spec: { containers: [], affinity: {}, tolerations: [] } } },
  })),
}

describe('a failing case', () => {
  it('keeps what it fails by, and nothing else', async () => {
    const fails = async ({ failures, objects }: FuzzCase): Promise<boolean> => {
      const hasFault = failures.some(({ zoneOutage }) => JSON.stringify(zoneOutage).includes('"3s"'))
      const pods = objects.find(({ metadata }) => JSON.stringify(metadata).includes('web-6'))
      const { replicas = 0 } = (pods?.['spec'] ?? {}) as { replicas?: number }
      return Promise.resolve(hasFault && replicas >= 3 && JSON.stringify(pods).includes('tolerations'))
    }
    const { fuzzCase, tries } = await shrinkCase(WHOLE, fails, { triesMax: 1000, signal })
    expect(fuzzCase).toEqual({
      ...WHOLE,
      until: 1,
      nodes: [{ template: { ...(WHOLE.nodes.at(-1)?.['template'] as object), count: 1 } }],
      objects: [
        {
          kind: 'Deployment',
          metadata: { name: 'web-6' },
          spec: { replicas: 3, template: { spec: { containers: [], tolerations: [] } } },
        },
      ],
      failures: [{ zoneOutage: { at: '3s', for: '5s' } }],
      actions: [],
      tasks: [],
      settings: {},
    })
    expect(tries).toBeLessThan(200)
  })

  it('stays as it is when nothing smaller fails, or there is no time', async () => {
    const never = async (): Promise<boolean> => Promise.resolve(false)
    expect((await shrinkCase(WHOLE, never, { triesMax: 1000, signal })).fuzzCase).toBe(WHOLE)
    const always = async (): Promise<boolean> => Promise.resolve(true)
    const late = await shrinkCase(WHOLE, always, { triesMax: 1000, signal: AbortSignal.abort() })
    expect(late).toEqual({ fuzzCase: WHOLE, tries: 0 })
    expect((await shrinkCase(WHOLE, never, { triesMax: 3, signal })).tries).toBe(3)
  })
})
