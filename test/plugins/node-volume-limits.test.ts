import { describe, expect, it } from 'vitest'

import { plugins } from '../../plugins/index.ts'
import type { StoredObject } from '../../src/cluster/object-store.ts'
import { resolveFeatureGates } from '../../src/scenario/feature-gates.ts'
import { runCase } from '../../src/scheduler/conformance/run-case.ts'
import { node } from '../scheduler/cluster-builder.ts'
import { claim, claimed, csiNode } from './volume-objects.ts'

const DRIVER = 'disks.example.com'
const TOO_MANY = 'node(s) exceed max volume count'

/** A volume of the driver and a claim that is bound to it. */
function boundClaim(name: string): StoredObject[] {
  const bound = claim(name, { volumeName: `v-${name}`, accessModes: ['ReadWriteMany'] })
  const csi = { driver: DRIVER, volumeHandle: `h-${name}` }
  const metadata = { ...bound.metadata, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }
  const volume = { kind: 'PersistentVolume', metadata: { name: `v-${name}` }, spec: { csi } }
  return [volume, { ...bound, metadata }]
}

/** Says that the volume of a claim is attached to the node. */
function attached(name: string): StoredObject {
  const spec = { attacher: DRIVER, nodeName: 'n1', source: { persistentVolumeName: `v-${name}` } }
  return Object.assign({ kind: 'VolumeAttachment', metadata: { name: `a-${name}` } }, { spec })
}

/** A pod with claims, on the node or waiting. */
function podWith(name: string, nodeName: string, ...claims: readonly string[]): StoredObject {
  const spec = { nodeName, containers: [{ name: 'main' }], volumes: claims.map(claimed) }
  return Object.assign({ kind: 'Pod', metadata: { name, namespace: 'default' } }, { spec })
}

/** Why a pod with claim `a` cannot go to the node; empty when it can. */
function reasonsOn(objects: readonly StoredObject[], version: '1.36' | '1.37' = '1.37'): readonly string[] {
  const common = [node('n1', { cpu: '4', memory: '4Gi' }), ...['a', 'b', 'c'].flatMap(boundClaim)]
  const result = runCase(
    { mode: 'evaluate', objects: [...common, ...objects], pending: [podWith('p', '', 'a')] },
    { registry: plugins, gates: resolveFeatureGates(version) },
  ) as { readonly results: readonly { readonly filter?: Record<string, { reasons?: readonly string[] }> }[] }
  return result.results[0]?.filter?.['n1']?.reasons ?? []
}

describe('NodeVolumeLimits', () => {
  const limit = (count: number): StoredObject => csiNode('n1', { [DRIVER]: count })

  it.each<readonly [string, readonly StoredObject[], readonly string[]]>([
    ['no limit', [], []],
    ['room', [limit(2), podWith('q', 'n1', 'b')], []],
    ['no room', [limit(1), podWith('q', 'n1', 'b')], [TOO_MANY]],
    ['a volume that another pod there has', [limit(2), podWith('q', 'n1', 'a', 'b')], []],
    ['attached volumes take room', [limit(1), attached('b')], [TOO_MANY]],
    ['attached volumes that a pod has take it once', [limit(2), attached('b'), podWith('q', 'n1', 'b')], []],
    ['its own volume, attached before, takes room twice', [limit(1), attached('a')], [TOO_MANY]],
  ])('%s', (_name, objects, expected) => {
    expect(reasonsOn(objects)).toEqual(expected)
  })

  it('keeps pods off nodes without a driver that must be there, from 1.37 on', () => {
    const mustBe = Object.assign(
      { kind: 'CSIDriver', metadata: { name: DRIVER } },
      { spec: { preventPodSchedulingIfMissing: true } },
    )
    expect(reasonsOn([mustBe])).toEqual([`${DRIVER} CSI driver is not installed on the node`])
    expect(reasonsOn([mustBe, limit(1)])).toEqual([])
    expect(reasonsOn([mustBe], '1.36')).toEqual([])
  })
})
