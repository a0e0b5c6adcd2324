import { describe, expect, it } from 'vitest'
import type { Pod, PriorityClass, Toleration } from '../../../src/api/types.generated.ts'
import { defaultAdmission } from '../../../src/cluster/admission-stages/index.ts'
import { defaultTolerationSeconds } from '../../../src/cluster/admission-stages/default-toleration-seconds.ts'
import { priority } from '../../../src/cluster/admission-stages/priority.ts'
import type { AdmissionStage } from '../../../src/cluster/admission.ts'
import { ApiServer } from '../../../src/cluster/api-server.ts'
import { Simulation } from '../../../src/engine/simulation.ts'
import { logicCases } from '../../node/logic-vectors.ts'
import { podTemplate } from '../../node/test-cluster.ts'
import { hasShared } from '../../shared-data.ts'

interface Input {
  readonly pod: Pod
  readonly priorityClasses: readonly PriorityClass[]
}

interface Expected {
  readonly DefaultTolerationSeconds: {
    readonly allowed: boolean
    readonly tolerations?: readonly Toleration[]
  }
  readonly Priority: {
    readonly allowed: boolean
    readonly message?: string
    readonly priority?: number
    readonly priorityClassName?: string
    readonly preemptionPolicy?: string | null
  }
}

const NOT_READY = {
  key: 'node.kubernetes.io/not-ready',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}
const UNREACHABLE = { ...NOT_READY, key: 'node.kubernetes.io/unreachable' }

/** An API server whose chain is one stage, or the default one, with these priority classes. */
function apiWith(stages: readonly AdmissionStage[], classes: readonly PriorityClass[] = []): ApiServer {
  const api = new ApiServer(new Simulation({ seed: 1 }), stages)
  for (const one of classes) api.priorityClasses.create(one)
  return api
}

describe.skipIf(!hasShared)('the recorded admission plugins', () => {
  const cases = hasShared ? logicCases<Input, Expected>('admission-plugins') : []

  it('are all there (shared data)', () => {
    expect(cases.length).toBe(700)
  })

  it('agree on priorities, policies and refusals (shared data)', () => {
    for (const { id, input, expected } of cases) {
      const { pods } = apiWith([priority], input.priorityClasses)
      const verdict = pods.templates.internPod(input.pod)
      const { allowed, message, ...set } = expected.Priority
      expect([id, verdict.ok], id).toEqual([id, allowed])
      if (!verdict.ok) {
        expect(`pods "p" is forbidden: ${verdict.message}`, id).toBe(message)
        continue
      }
      const { spec } = pods.templates.get(verdict.id).template
      const found = {
        priority: spec.priority,
        priorityClassName: spec.priorityClassName ?? '',
        preemptionPolicy: spec.preemptionPolicy ?? null,
      }
      expect(found, id).toEqual({ priorityClassName: '', preemptionPolicy: null, ...set })
    }
  })

  it('agree on tolerations; recorded without the fields of the added ones (shared data)', () => {
    for (const { id, input, expected } of cases) {
      const { pods } = apiWith([defaultTolerationSeconds])
      const verdict = pods.templates.internPod(input.pod)
      expect(verdict.ok, id).toBe(true)
      if (!verdict.ok) continue
      const own = input.pod.spec?.tolerations ?? []
      const tolerations = pods.templates.get(verdict.id).template.spec.tolerations ?? []
      const recorded = tolerations.map((toleration, index) => (index < own.length ? toleration : {}))
      expect(recorded, id).toEqual(expected.DefaultTolerationSeconds.tolerations ?? [])
    }
  })
})

describe('DefaultTolerationSeconds', () => {
  it('adds five minutes for both taints of lost nodes', () => {
    const { pods } = apiWith(defaultAdmission)
    const verdict = pods.templates.intern(podTemplate())
    expect(verdict.ok && pods.templates.get(verdict.id).tolerations).toEqual([NOT_READY, UNREACHABLE])
  })

  it('leaves what the pod says itself, whatever its operator', () => {
    const { pods } = apiWith(defaultAdmission)
    const own = { key: UNREACHABLE.key, operator: 'Equal', value: 'x', tolerationSeconds: 5 }
    const verdict = pods.templates.intern(podTemplate({ tolerations: [own] }))
    expect(verdict.ok && pods.templates.get(verdict.id).tolerations).toEqual([own, NOT_READY])
  })
})

describe('Priority', () => {
  it('knows the system classes without any object', () => {
    const { pods } = apiWith(defaultAdmission)
    for (const [priorityClassName, value] of [
      ['system-node-critical', 2_000_001_000],
      ['system-cluster-critical', 2_000_000_000],
    ] as const) {
      const verdict = pods.templates.intern(podTemplate({ priorityClassName }))
      expect(verdict.ok && pods.templates.get(verdict.id).priority).toBe(value)
    }
  })

  it('refuses an unknown class, by the name of the plugin', () => {
    const { pods } = apiWith(defaultAdmission)
    expect(pods.templates.intern(podTemplate({ priorityClassName: 'none' }))).toEqual({
      ok: false,
      reason: 'Priority',
      message: 'no PriorityClass with name none was found',
    })
  })

  it('takes the priority of a trace row as it is, and that of a manifest only from a class', () => {
    const { pods } = apiWith(defaultAdmission)
    const row = pods.templates.intern(podTemplate({ priority: 9 }, 'requests'))
    expect(row.ok && pods.templates.get(row.id).priority).toBe(9)
    expect(pods.templates.intern(podTemplate({ priority: 9 }, 'template')).ok).toBe(false)
  })
})

it('fills in what the API server defaults', () => {
  const { pods } = apiWith(defaultAdmission)
  const verdict = pods.templates.intern(podTemplate())
  expect(verdict.ok).toBe(true)
  if (!verdict.ok) return
  const info = pods.templates.get(verdict.id)
  expect([info.restartPolicy, info.terminationGrace, info.schedulerName]).toEqual([
    'Always',
    30_000_000,
    'default-scheduler',
  ])
})
