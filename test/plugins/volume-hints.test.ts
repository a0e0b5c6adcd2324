import { describe, expect, it } from 'vitest'

import { nodeVolumeLimits } from '../../plugins/node-volume-limits.ts'
import { volumeBinding } from '../../plugins/volume-binding.ts'
import { volumeRestrictions } from '../../plugins/volume-restrictions.ts'
import { volumeZone } from '../../plugins/volume-zone.ts'
import type { ClusterChange, PodShape, SchedulerPlugin } from '../../src/scheduler/framework/index.ts'
import { ANY_POD } from '../../src/scheduler/index-plan.ts'
import { buildCluster, node } from '../scheduler/cluster-builder.ts'
import {
  MIGRATED_PLUGINS,
  claim,
  claimed,
  csiNode,
  ephemeral,
  objectChange,
  shapeWith,
  volume,
  waitingClass,
} from './volume-objects.ts'

const CONTEXT = { gates: new Map([['StorageCapacityScoring', true]]), path: 'args', warn: () => {} }
const pod = shapeWith(claimed('data'))
const room = { cpu: '1', memory: '1Gi' }
const plainNode = node('n1', room)
const newNode: ClusterChange = { type: 'node-added', node: plainNode }
const labelled: ClusterChange = {
  type: 'node-updated',
  old: plainNode,
  node: { ...plainNode, metadata: { ...plainNode.metadata, labels: { rack: 'r1' } } },
}
const cordoned: ClusterChange = {
  type: 'node-updated',
  old: plainNode,
  node: { ...plainNode, spec: { unschedulable: true } },
}
const capacity = (size: string): object => ({
  metadata: { name: 'c' },
  storageClassName: 'fast',
  capacity: size,
})
const driver = (storageCapacity: boolean): object => ({
  metadata: { name: 'disks' },
  spec: { storageCapacity },
})

function left(shape: PodShape): ClusterChange {
  return { type: 'assigned-pod-deleted', pod: shape, node: 'n1' }
}

/** Whether a pod with this shape is worth another try by the plugin after the change. */
function hints(plugin: SchedulerPlugin, shape: PodShape, change: ClusterChange): boolean {
  const { cluster } = buildCluster().scheduler
  return plugin.hint?.(plugin.compile(shape), change, cluster, { ...ANY_POD, name: 'web-0' }) ?? true
}

describe('VolumeBinding hints', () => {
  const plugin = volumeBinding(undefined, CONTEXT)
  const inline = shapeWith({ name: 'scratch', csi: { driver: 'disks' } })
  const migrated = {
    ...csiNode('n1', {}),
    metadata: { name: 'n1', annotations: { [MIGRATED_PLUGINS]: 'x' } },
  }
  const allowed = { ...waitingClass('fast'), allowedTopologies: [{ matchLabelExpressions: [] }] }

  it.each<readonly [string, PodShape, ClusterChange, boolean]>([
    ['a node came', pod, newNode, true],
    ['labels of a node changed', pod, labelled, true],
    ['a node was cordoned', pod, cordoned, false],
    ['its claim came', pod, objectChange('PersistentVolumeClaim', undefined, claim('data')), true],
    ['its claim changed', pod, objectChange('PersistentVolumeClaim', claim('data'), claim('data')), true],
    ['its claim went', pod, objectChange('PersistentVolumeClaim', claim('data'), undefined), false],
    ['another claim came', pod, objectChange('PersistentVolumeClaim', undefined, claim('logs')), false],
    [
      'a claim of another namespace came',
      pod,
      objectChange('PersistentVolumeClaim', undefined, claim('data', {}, 'other')),
      false,
    ],
    [
      'the claim of its ephemeral volume came',
      shapeWith(ephemeral('cache')),
      objectChange('PersistentVolumeClaim', undefined, claim('web-0-cache')),
      true,
    ],
    [
      'the claim of an ephemeral volume of another pod came',
      shapeWith(ephemeral('cache')),
      objectChange('PersistentVolumeClaim', undefined, claim('web-1-cache')),
      false,
    ],
    ['a volume changed', pod, objectChange('PersistentVolume', volume('v', '1Gi'), volume('v', '2Gi')), true],
    ['a storage class came', pod, objectChange('StorageClass', undefined, waitingClass('fast')), true],
    [
      'a storage class was rewritten',
      pod,
      objectChange('StorageClass', waitingClass('fast'), waitingClass('fast')),
      false,
    ],
    ['topologies were allowed', pod, objectChange('StorageClass', waitingClass('fast'), allowed), true],
    ['a CSINode came', pod, objectChange('CSINode', undefined, csiNode('n1', {})), true],
    ['limits changed', pod, objectChange('CSINode', csiNode('n1', {}), csiNode('n1', { disks: 9 })), false],
    ['a plugin was migrated', pod, objectChange('CSINode', csiNode('n1', {}), migrated), true],
    ['capacity grew', pod, objectChange('CSIStorageCapacity', capacity('1Gi'), capacity('2Gi')), true],
    ['capacity shrank', pod, objectChange('CSIStorageCapacity', capacity('2Gi'), capacity('1Gi')), false],
    ['capacity is no longer counted', inline, objectChange('CSIDriver', driver(true), driver(false)), true],
    ['capacity is now counted', inline, objectChange('CSIDriver', driver(false), driver(true)), false],
    [
      'capacity of a driver it does not use',
      pod,
      objectChange('CSIDriver', driver(true), driver(false)),
      false,
    ],
    ['a pod left', pod, left(pod), false],
  ])('%s', (_name, shape, change, expected) => {
    expect(hints(plugin, shape, change)).toBe(expected)
  })
})

describe('VolumeZone hints', () => {
  const zoned = {
    ...volume('v', '1Gi'),
    metadata: { name: 'v', labels: { 'topology.kubernetes.io/zone': 'a' } },
  }
  const immediate = { ...waitingClass('fast'), volumeBindingMode: 'Immediate' }

  it.each<readonly [string, ClusterChange, boolean]>([
    ['a node came', newNode, true],
    ['labels of a node changed', labelled, true],
    ['a node was cordoned', cordoned, false],
    ['its claim changed', objectChange('PersistentVolumeClaim', claim('data'), claim('data')), true],
    ['another claim came', objectChange('PersistentVolumeClaim', undefined, claim('logs')), false],
    ['a volume came', objectChange('PersistentVolume', undefined, zoned), true],
    ['a volume got a zone', objectChange('PersistentVolume', volume('v', '1Gi'), zoned), true],
    ['a volume was rewritten', objectChange('PersistentVolume', zoned, { ...zoned }), false],
    ['a class came that waits', objectChange('StorageClass', undefined, waitingClass('fast')), true],
    ['a class came that does not wait', objectChange('StorageClass', undefined, immediate), false],
  ])('%s', (_name, change, expected) => {
    expect(hints(volumeZone, pod, change)).toBe(expected)
  })
})

describe('VolumeRestrictions hints', () => {
  const disk = { name: 'disk', gcePersistentDisk: { pdName: 'd1' } }
  const other = { ...shapeWith(claimed('data')), namespace: 'other' }

  it.each<readonly [string, PodShape, ClusterChange, boolean]>([
    ['a node came', pod, newNode, true],
    ['a node changed', pod, labelled, false],
    ['a pod with its claim left', pod, left(pod), true],
    ['a pod of another namespace left', pod, left(other), false],
    ['a pod with another claim left', pod, left(shapeWith(claimed('logs'))), false],
    ['a pod with its disk left', shapeWith(disk), left(shapeWith(disk)), true],
    ['its claim came', pod, objectChange('PersistentVolumeClaim', undefined, claim('data')), true],
    ['its claim changed', pod, objectChange('PersistentVolumeClaim', claim('data'), claim('data')), false],
  ])('%s', (_name, shape, change, expected) => {
    expect(hints(volumeRestrictions, shape, change)).toBe(expected)
  })
})

describe('NodeVolumeLimits hints', () => {
  const plugin = nodeVolumeLimits(undefined, CONTEXT)
  const inline = shapeWith({ name: 'disk', awsElasticBlockStore: { volumeID: 'vol-1' } })
  const attachment = (attacher: string): object => ({ spec: { attacher, nodeName: 'n1', source: {} } })

  it.each<readonly [string, PodShape, ClusterChange, boolean]>([
    ['a node came', pod, newNode, false],
    ['a pod with volumes left', pod, left(shapeWith(claimed('logs'))), true],
    ['a pod without left', pod, left(shapeWith({ name: 'tmp', emptyDir: {} })), false],
    ['a CSINode came', pod, objectChange('CSINode', undefined, csiNode('n1', {})), true],
    [
      'a limit was raised',
      pod,
      objectChange('CSINode', csiNode('n1', { disks: 1 }), csiNode('n1', { disks: 2 })),
      true,
    ],
    [
      'a limit was lowered',
      pod,
      objectChange('CSINode', csiNode('n1', { disks: 2 }), csiNode('n1', { disks: 1 })),
      false,
    ],
    ['its claim came', pod, objectChange('PersistentVolumeClaim', undefined, claim('data')), true],
    ['its claim changed', pod, objectChange('PersistentVolumeClaim', claim('data'), claim('data')), false],
    ['a volume was detached', pod, objectChange('VolumeAttachment', attachment('disks'), undefined), true],
    [
      'its disk was detached',
      inline,
      objectChange('VolumeAttachment', attachment('ebs.csi.aws.com'), undefined),
      true,
    ],
    [
      'another disk was detached',
      inline,
      objectChange('VolumeAttachment', attachment('disks'), undefined),
      false,
    ],
    ['a volume was attached', pod, objectChange('VolumeAttachment', undefined, attachment('disks')), false],
  ])('%s', (_name, shape, change, expected) => {
    expect(hints(plugin, shape, change)).toBe(expected)
  })
})
