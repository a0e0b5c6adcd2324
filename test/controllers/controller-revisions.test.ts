import { describe, expect, it } from 'vitest'

import type { ControllerRevision } from '../../src/api/types.generated.ts'
import { ApiServer } from '../../src/cluster/api-server.ts'
import { canonicalJson } from '../../src/base/go-json.ts'
import { ControllerRevisions, revisionName, templateOf } from '../../src/controllers/controller-revisions.ts'
import { revisionHash } from '../../src/controllers/revision-hash.ts'
import { Simulation } from '../../src/engine/simulation.ts'
import { podTemplate } from './workload-cluster.ts'

const OWNER = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'web', namespace: 'default', uid: 'one' },
}

function api(): ApiServer {
  return new ApiServer(new Simulation({ seed: 1 }), [])
}

describe('revisionHash', () => {
  it('is that of Kubernetes 1.34 and later for a template as its API server defaults it', () => {
    const template = {
      metadata: { annotations: { test: 'value' }, labels: { app: 'foo' } },
      spec: {
        containers: [
          {
            image: 'test',
            imagePullPolicy: 'Always',
            name: 'test',
            resources: {},
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
          },
        ],
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        terminationGracePeriodSeconds: 30,
      },
    }
    const data = { spec: { template: { ...template, $patch: 'replace' } } }
    expect(revisionHash(canonicalJson(data), 0)).toBe('776999688b')
  })

  it('is another after a collision', () => {
    expect(revisionHash('{}', 1)).not.toBe(revisionHash('{}', 0))
  })
})

describe('canonicalJson', () => {
  it('writes keys in order and escapes as Go does', () => {
    expect(canonicalJson({ b: [1, 'a<b>&', null], a: { d: undefined, c: true } })).toBe(
      String.raw`{"a":{"c":true},"b":[1,"a\u003cb\u003e\u0026",null]}`,
    )
  })
})

describe('ControllerRevisions', () => {
  it('keeps templates by number, and gives the same one for an equal template', () => {
    const revisions = new ControllerRevisions(api(), 'hash')
    const first = revisions.current(OWNER, podTemplate('1'), 0).revision
    const second = revisions.current(OWNER, podTemplate('2'), 0).revision
    expect([first.revision, second.revision]).toEqual([1, 2])
    expect(revisions.current(OWNER, podTemplate('2'), 0).revision).toBe(second)
    expect(templateOf(second)).toEqual(podTemplate('2'))
    expect(templateOf(second)).toBe(templateOf(second))
    expect(first.metadata?.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        name: 'web',
        uid: 'one',
        controller: true,
        blockOwnerDeletion: true,
      },
    ])
    expect(revisionName(first)).toBe(`web-${first.metadata?.labels?.hash ?? ''}`)
  })

  it('renumbers an older one that is equal', () => {
    const revisions = new ControllerRevisions(api(), 'hash')
    const names = ['1', '2', '1'].map((version) => {
      const { revision } = revisions.current(OWNER, podTemplate(version), 0)
      return `${revisionName(revision)} ${revision.revision ?? 0}`
    })
    expect(revisions.of('one').map(({ revision }) => revision)).toEqual([2, 3])
    expect(names[2]).toBe(`${names[0]?.split(' ')[0] ?? ''} 3`)
  })

  it('counts a name that another revision has as a collision', () => {
    const server = api()
    const revisions = new ControllerRevisions(server, 'hash')
    const { revision } = new ControllerRevisions(api(), 'hash').current(OWNER, podTemplate(), 0)
    server.collection<ControllerRevision>('ControllerRevision').create({
      metadata: { name: revisionName(revision), namespace: 'default' },
      data: {},
    })
    const made = revisions.current(OWNER, podTemplate(), 0)
    expect(made.collisionCount).toBe(1)
    expect(revisionName(made.revision)).not.toBe(revisionName(revision))
  })

  it('tries no other name when the API server refuses a revision, as in a namespace that is going', () => {
    const server = api()
    const refuseObject = (kind: string): string | undefined =>
      kind === 'ControllerRevision' ? 'the namespace is being terminated' : undefined
    server.gates.add({ name: 'NamespaceLifecycle', refuseObject })
    const made = new ControllerRevisions(server, 'hash').current(OWNER, podTemplate(), 0)
    expect(made).toMatchObject({ isStored: false, collisionCount: 0 })
    expect(server.collection<ControllerRevision>('ControllerRevision').size).toBe(0)
  })

  it('adopts those of its namespace that nothing controls and whose labels match', () => {
    const server = api()
    const revisions = new ControllerRevisions(server, 'hash')
    for (const [name, app] of [
      ['mine', 'web'],
      ['other', 'db'],
    ]) {
      server.collection<ControllerRevision>('ControllerRevision').create({
        metadata: { name: name ?? '', namespace: 'default', labels: { app: app ?? '' } },
        data: {},
        revision: 1,
      })
    }
    revisions.adoptOrphans(OWNER, (labels) => labels.app === 'web')
    expect(revisions.of('one').map(revisionName)).toEqual(['mine'])
  })
})
