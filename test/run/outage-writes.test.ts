import { describe, expect, it } from 'vitest'

import { OutageLaw } from '../../src/fuzz/laws/outage-law.ts'
import { replayRun } from '../../src/run/run.ts'
import type { ReplayedRun } from '../../src/run/run.ts'
import { inlineScenario } from './inline-scenario.ts'

const OUTAGE = '{ apiServerOutage: { at: 100s, for: 10m } }'

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: web }] }
`

/** Runs a scenario; gives what was written while nobody took writes, and what was written of nodes and Deployments after that. */
async function written(spec: string) {
  const broken: string[] = []
  const late: string[] = []
  let law: OutageLaw | undefined
  await replayRun(
    inlineScenario(WEB, spec),
    ({ sim, api }: ReplayedRun) => {
      law = new OutageLaw(api, (_, message) => broken.push(message))
      api.observeObjects(({ kind, key }) => {
        if (sim.now >= 700_000_000 && ['Node', 'Deployment'].includes(kind)) late.push(`${kind} ${key}`)
      })
    },
    new AbortController().signal,
  )
  law?.check()
  return { broken, late }
}

describe('while no API server answers', () => {
  it('no replacement of a node joins: it does afterwards', async () => {
    const spot = '{ spotInterruption: { at: 50s, notice: 30s, drain: false, replacement: 60s } }'
    const { broken, late } = await written(`failures: [${spot}, ${OUTAGE}], until: 20m`)
    expect(broken).toEqual([])
    expect(late.filter((what) => what.endsWith('-r1'))).not.toEqual([])
  })

  it('no node is cordoned and drained that gets its notice', async () => {
    const spot = '{ spotInterruption: { at: 200s, notice: 30s } }'
    expect((await written(`failures: [${spot}, ${OUTAGE}], until: 20m`)).broken).toEqual([])
  })

  it('no version is rolled out or taken back: that is done afterwards', async () => {
    const bad = (at: string): string =>
      `{ badRollout: { name: web, at: ${at}, crashAfter: 5s, undoAfter: 100s } }`
    const during = await written(`failures: [${bad('200s')}, ${OUTAGE}], until: 20m`)
    expect(during.broken).toEqual([])
    const before = await written(`failures: [${bad('50s')}, ${OUTAGE}], until: 20m`)
    expect(before.broken).toEqual([])
    expect(before.late).toContain('Deployment default/web')
  })

  it('no machine is repaired, and no Node deleted of an instance that is gone', async () => {
    const lost = '{ incident: { at: 10s, for: 1h, hits: { count: 1 }, effect: down } }'
    const repair = 'repair: { unhealthyConditions: [{ type: Ready, status: Unknown, timeout: 90s }] }'
    const repaired = await written(`failures: [${lost}, ${OUTAGE}], ${repair}, until: 30m`)
    expect(repaired.broken).toEqual([])
    expect(repaired.late).toContain('Node node-0')
    const gone = '{ spotInterruption: { at: 110s, notice: 30s, drain: false } }'
    const { broken, late } = await written(`failures: [${lost}, ${gone}, ${OUTAGE}], until: 30m`)
    expect(broken).toEqual([])
    expect(late).toContain('Node node-0')
  })
})
