import { describe, expect, it } from 'vitest'

import { statefulSet } from '../../src/conformance/families/statefulset.ts'

function input(spec: object, steps: readonly object[], gracefulDeletion = true): object {
  return {
    gracefulDeletion,
    statefulSet: {
      metadata: { name: 's', namespace: 'default' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 's' } },
        podManagementPolicy: 'OrderedReady',
        template: {
          metadata: { labels: { app: 's' }, annotations: { v: '1' } },
          spec: { containers: [{ name: 'c', image: 'app:1' }] },
        },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        ...spec,
      },
    },
    steps,
  }
}

interface Step {
  readonly operations: readonly { readonly op: string; readonly pod: string; readonly version?: string }[]
  readonly pods: readonly { readonly name: string; readonly state: string }[]
  readonly status: { readonly updateRevision: number }
}

function run(...args: Parameters<typeof input>): readonly Step[] {
  return (statefulSet.run(input(...args)) as { readonly steps: readonly Step[] }).steps
}

function calls({ operations }: Step): string[] {
  return operations.map(({ op, pod, version = '' }) => `${op} ${pod} ${version}`.trim())
}

describe('the recorded StatefulSet', () => {
  it('makes a pod when the script has made the one before ready', () => {
    const steps = run({}, [{ afterSeconds: 1 }, { afterSeconds: 1, pods: { 's-0': 'ready' } }])
    expect(steps.map(calls)).toEqual([['create s-0 1'], ['create s-1 1']])
  })

  it('makes the pods of a batch in the order of one processor', () => {
    const steps = run({ replicas: 7, podManagementPolicy: 'Parallel' }, [{ afterSeconds: 1 }])
    const made = [0, 2, 1, 6, 3, 4, 5].map((ordinal) => `create s-${ordinal} 1`)
    expect(steps.map(calls)).toEqual([made])
  })

  it('asks twice for a deletion that it has not heard of, and waits for its end', () => {
    const steps = run({ replicas: 1 }, [
      { afterSeconds: 1 },
      { afterSeconds: 1, pods: { 's-0': 'ready' } },
      { afterSeconds: 1, setVersion: '2' },
      { afterSeconds: 1, pods: { 's-0': 'gone' } },
    ])
    expect(steps.map(calls)).toEqual([['create s-0 1'], [], ['delete s-0', 'delete s-0'], ['create s-0 2']])
    expect(steps[2]?.pods.map(({ state }) => state)).toEqual(['Ready/Terminating'])
    expect(steps.map(({ status }) => status.updateRevision)).toEqual([1, 1, 2, 2])
  })
})
