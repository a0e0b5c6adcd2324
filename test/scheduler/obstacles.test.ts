import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { parseConfiguration } from '../../src/scheduler/configuration/parse.ts'
import type { ConformanceCase } from '../../src/scheduler/conformance/case.ts'
import { evaluatePod } from '../../src/scheduler/conformance/evaluate.ts'
import { loadCluster } from '../../src/scheduler/conformance/load-cluster.ts'
import { loadPending } from '../../src/scheduler/conformance/pending-pod.ts'
import { Cycle } from '../../src/scheduler/cycle.ts'
import { buildProfiles } from '../../src/scheduler/profile-builder.ts'
import { Profile } from '../../src/scheduler/profile.ts'
import { PROJECT_ROOT } from '../shared-data.ts'

function casesOf(family: string): readonly ConformanceCase[] {
  const bytes = readFileSync(path.join(PROJECT_ROOT, 'test', 'vectors', `${family}.jsonl.gz`))
  const lines = gunzipSync(bytes).toString('utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as ConformanceCase).slice(0, 30)
}

/** The node's obstacles against its verdict, for every node of a case; returns how many nodes were rejected. */
function compare({ input }: ConformanceCase): number {
  const gates = resolveFeatureGates('1.37')
  const { profiles } = buildProfiles(parseConfiguration(input.config ?? {}, 'config'), {
    registry: plugins,
    gates,
  })
  const loaded = loadCluster(input.objects)
  const { nodes, order } = loaded.cluster
  const built = new Map(profiles.map((draft) => [draft.schedulerName, new Profile(draft, nodes)]))
  let rejected = 0
  for (const { key, row, profile, podClass } of loadPending(loaded, input.pending, built)) {
    if (profile === undefined || podClass === undefined) continue
    const cycle = new Cycle(loaded.cluster)
    const { filter } = evaluatePod(cycle, { key, row, profile, podClass }, false).record
    for (const node of filter === undefined ? [] : order) {
      const verdict = filter?.[nodes.name(node)]
      if (verdict?.plugin === undefined && verdict?.code !== 'Success') continue
      const [first] = cycle.obstaclesOf(node)
      expect(first?.plugin).toBe(verdict.plugin)
      if (first === undefined) continue
      expect([...first.rejection.reasons].sort()).toEqual(verdict.reasons)
      rejected += 1
    }
  }
  return rejected
}

describe('obstacles of a node', () => {
  it.each(['resources', 'taints', 'nodeaffinity', 'ports', 'spread', 'podaffinity', 'mixed'])(
    '%s: the first is the verdict, and a node that passes has none',
    (family) => {
      expect(casesOf(family).reduce((sum, one) => sum + compare(one), 0)).toBeGreaterThan(0)
    },
  )
})
