import { Worker } from 'node:worker_threads'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ResolvedExtender } from '../../src/scheduler/configuration/resolved.ts'
import { HttpCaller } from '../../src/run/http-call.ts'
import { httpExtender } from '../../src/run/http-extender.ts'

/** A server that answers each verb in one way, from a thread of its own. */
const SERVER = `
const http = require('node:http')
const { parentPort } = require('node:worker_threads')
const answers = {
  filter: (args) => ({ NodeNames: [args.NodeNames[1]], FailedNodes: { a: 'too warm' }, Error: '' }),
  whole: (args) => ({ nodes: { items: args.Nodes.items.slice(1) }, failedAndUnresolvableNodes: { a: 'old' } }),
  prioritize: (args) => args.NodeNames.map((Host, Score) => ({ Host, Score })),
  preempt: (args) => ({ NodeNameToMetaVictims: args.NodeNameToMetaVictims }),
  bind: (args) => ({ Error: args.Node === 'a' ? 'not on ' + args.Node : '' }),
  refuse: () => ({ Error: 'no' }),
}
const server = http.createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const verb = request.url.split('/').pop()
    if (verb === 'hang') return
    const answer = answers[verb]
    response.statusCode = answer === undefined ? 500 : 200
    response.end(answer === undefined ? '' : JSON.stringify(answer(JSON.parse(Buffer.concat(parts)))))
  })
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

const pod = { metadata: { name: 'web', namespace: 'default', uid: 'u1' } }
const nodes = [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }]

describe('an extender over HTTP', () => {
  let server: Worker
  let port = 0
  const http = new HttpCaller()

  beforeAll(async () => {
    server = new Worker(SERVER, { eval: true })
    port = await new Promise<number>((resolve) => {
      server.once('message', (message: number) => resolve(message))
    })
  })

  afterAll(async () => {
    http.close()
    await server.terminate()
  })

  function extender(more: Partial<ResolvedExtender>): ReturnType<typeof httpExtender> {
    const stanza: ResolvedExtender = {
      urlPrefix: `http://127.0.0.1:${port}/scheduler/`,
      filterVerb: '',
      prioritizeVerb: '',
      preemptVerb: '',
      bindVerb: '',
      weight: 1,
      httpTimeoutMs: 5000,
      nodeCacheCapable: true,
      managedResources: [],
      ignoredByScheduler: [],
      ignorable: false,
      tls: undefined,
      ...more,
    }
    return httpExtender(stanza, http)
  }

  it('filters by names where it knows the nodes', () => {
    expect(extender({ filterVerb: 'filter' }).filter?.(pod, nodes)).toEqual({
      nodeNames: ['b'],
      failedNodes: { a: 'too warm' },
      failedAndUnresolvableNodes: {},
    })
  })

  it('filters whole nodes otherwise, and reads fields whatever their case', () => {
    const whole = extender({ filterVerb: 'whole', nodeCacheCapable: false })
    expect(whole.filter?.(pod, nodes)).toEqual({
      nodeNames: ['b'],
      failedNodes: {},
      failedAndUnresolvableNodes: { a: 'old' },
    })
  })

  it('scores, preempts and binds', () => {
    const one = extender({ prioritizeVerb: 'prioritize', preemptVerb: 'preempt', bindVerb: 'bind' })
    expect(one.prioritize?.(pod, nodes)).toEqual([
      { host: 'a', score: 0 },
      { host: 'b', score: 1 },
    ])
    expect(one.preempt?.(pod, { a: { pods: [pod], numPDBViolations: 1 } })).toEqual({
      a: { pods: [{ uid: 'u1' }], numPDBViolations: 1 },
    })
    const binding = { podName: 'web', podNamespace: 'default', podUid: 'u1' }
    expect(() => one.bind?.({ ...binding, node: 'b' })).not.toThrow()
    expect(() => one.bind?.({ ...binding, node: 'a' })).toThrow('not on a')
  })

  it('does only what it has a verb for', () => {
    expect(Object.keys(extender({})).sort()).toEqual(['ignorable', 'managedResources', 'name', 'weight'])
  })

  it.each([
    ['says so', { filterVerb: 'refuse' }, 'no'],
    [
      'answers with another status',
      { filterVerb: 'nothing' },
      /failed nothing with extender at URL .*, code 500/,
    ],
    ['does not answer in time', { filterVerb: 'hang', httpTimeoutMs: 50 }, 'no answer within 50 ms'],
    ['is not there', { filterVerb: 'filter', urlPrefix: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
  ])('fails when the server %s', (_what, more, message) => {
    expect(() => extender(more).filter?.(pod, nodes)).toThrow(message)
  })
})
