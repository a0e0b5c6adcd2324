import { describe, expect, it } from 'vitest'

import type { Namespace } from '../../src/api/types.generated.ts'
import { selectNodes } from '../../src/policy/pod-node-selector.ts'

function namespace(selector?: string): Namespace {
  const annotations: Record<string, string> =
    selector === undefined ? {} : { 'scheduler.alpha.kubernetes.io/node-selector': selector }
  return { metadata: { name: 'ns', annotations } }
}

describe('the node selector of a namespace', () => {
  it('is added to that of the pod, or the default of the cluster is', () => {
    const pod = { nodeSelector: { disk: 'ssd' } }
    expect(selectNodes({ ...pod, namespace: namespace('env=prod') }, {})).toEqual({
      ok: true,
      nodeSelector: { env: 'prod', disk: 'ssd' },
    })
    expect(selectNodes({ ...pod, namespace: namespace() }, { clusterDefaultNodeSelector: 'zone=a' })).toEqual(
      { ok: true, nodeSelector: { zone: 'a', disk: 'ssd' } },
    )
  })

  it.each([
    ['env=prod', { env: 'dev' }, {}, 'conflicts with its namespace node label selector'],
    ['', { env: 'dev' }, { ns: 'env=prod' }, 'labels conflict with its namespace whitelist'],
    ['env', {}, {}, 'invalid selector: [env]'],
    ['env=a b', {}, {}, '[env]: Invalid value: "a b": a valid label must be'],
    ['-=a', {}, {}, '<nil>: Invalid value: "-": name part must consist'],
  ])('%j refuses a pod that does not fit', (selector, nodeSelector, config, message) => {
    const verdict = selectNodes({ namespace: namespace(selector), nodeSelector }, config)
    expect(verdict.ok ? '' : verdict.refusal.reason).toContain(message)
  })
})
