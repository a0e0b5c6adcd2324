import { describe, expect, it } from 'vitest'

import {
  attachableVolume,
  driverOfProvisioner,
  migratedInlineVolume,
  nodeAffinityTerms,
} from '../../plugins/csi-migration.ts'
import type {
  NodeSelectorTerm,
  PersistentVolume,
  PersistentVolumeSpec,
} from '../../src/api/types.generated.ts'
import { MIGRATED_PLUGINS, csiNode } from './volume-objects.ts'

const ZONE = 'topology.kubernetes.io/zone'
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone'
const EBS_ZONE = 'topology.ebs.csi.aws.com/zone'
const NODE = csiNode('n1', {})
const WITH_PORTWORX = {
  ...NODE,
  metadata: { name: 'n1', annotations: { [MIGRATED_PLUGINS]: 'kubernetes.io/portworx-volume' } },
}

function persistent(
  spec: PersistentVolumeSpec,
  labels: Readonly<Record<string, string>> = {},
): PersistentVolume {
  return { metadata: { name: 'v', labels }, spec }
}

function term(...expressions: readonly (readonly [key: string, ...values: string[]])[]): NodeSelectorTerm {
  return { matchExpressions: expressions.map(([key, ...values]) => ({ key, operator: 'In', values })) }
}

describe('volumes as CSI drivers know them', () => {
  const ebs = (volumeID: string): PersistentVolumeSpec => ({ awsElasticBlockStore: { volumeID } })
  const disk: PersistentVolumeSpec = { gcePersistentDisk: { pdName: 'd' } }

  it.each<readonly [string, PersistentVolume, string | undefined]>([
    ['a CSI volume', persistent({ csi: { driver: 'x', volumeHandle: 'h' } }), 'x h'],
    ['an EBS volume', persistent(ebs('vol-1')), 'ebs.csi.aws.com vol-1'],
    ['an EBS volume by its address', persistent(ebs('aws://us-east-1a/vol-1')), 'ebs.csi.aws.com vol-1'],
    ['an EBS volume by no address', persistent(ebs('aws:///vol-1')), 'ebs.csi.aws.com vol-1'],
    ['no EBS volume', persistent(ebs('aws://us-east-1a/disk-1')), undefined],
    ['a disk', persistent(disk), 'pd.csi.storage.gke.io projects/UNSPECIFIED/zones/UNSPECIFIED/disks/d'],
    [
      'a disk in a zone',
      persistent(disk, { [ZONE]: 'z' }),
      'pd.csi.storage.gke.io projects/UNSPECIFIED/zones/z/disks/d',
    ],
    [
      'a disk in zones of a region',
      persistent(disk, { [ZONE]: 'us-east1-a__us-east1-b' }),
      'pd.csi.storage.gke.io projects/UNSPECIFIED/regions/us-east1/disks/d',
    ],
    ['a disk in zones of two regions', persistent(disk, { [ZONE]: 'us-east1-a__us-west1-b' }), undefined],
    ['a directory', persistent({ hostPath: { path: '/' } }), undefined],
  ])('%s', (_name, volume, expected) => {
    const found = attachableVolume(volume, NODE)
    expect(found === undefined ? undefined : `${found.driver} ${found.handle}`).toBe(expected)
  })

  it('counts in-tree volumes only on nodes with drivers, those of Portworx only where the node says so', () => {
    const inline = { name: 'd', portworxVolume: { volumeID: 'p' } }
    expect(attachableVolume(persistent(ebs('vol-1')), undefined)).toBeUndefined()
    expect(migratedInlineVolume(inline, NODE)).toBeUndefined()
    expect(migratedInlineVolume(inline, WITH_PORTWORX)).toEqual({ driver: 'pxd.portworx.com', handle: 'p' })
    expect(driverOfProvisioner('kubernetes.io/aws-ebs', NODE)).toBe('ebs.csi.aws.com')
    expect(driverOfProvisioner('kubernetes.io/aws-ebs', undefined)).toBeUndefined()
    expect(driverOfProvisioner('kubernetes.io/azure-file', NODE)).toBeUndefined()
    expect(driverOfProvisioner('disks.example.com', undefined)).toBe('disks.example.com')
  })
})

describe('node affinity of migrated volumes', () => {
  const spec = (...terms: readonly NodeSelectorTerm[]): PersistentVolumeSpec => ({
    awsElasticBlockStore: { volumeID: 'vol-1' },
    ...(terms.length === 0 ? {} : { nodeAffinity: { required: { nodeSelectorTerms: terms } } }),
  })

  it.each<readonly [string, PersistentVolume, readonly NodeSelectorTerm[] | undefined]>([
    ['has none', persistent(spec()), undefined],
    ['names zones', persistent(spec(term([ZONE, 'a', 'b']))), [term([EBS_ZONE, 'a', 'b'])]],
    ['follows from the label', persistent(spec(), { [ZONE]: 'b__a' }), [term([EBS_ZONE, 'a', 'b'])]],
    [
      'gets the label added to what it has',
      persistent(spec(term(['rack', '1'])), { [ZONE]: 'a' }),
      [term(['rack', '1'], [EBS_ZONE, 'a'])],
    ],
    ['goes before the label', persistent(spec(term([ZONE, 'a'])), { [ZONE]: 'b' }), [term([EBS_ZONE, 'a'])]],
    [
      'has its old region renamed with the old zone',
      persistent(spec(term([OLD_ZONE, 'a'], ['failure-domain.beta.kubernetes.io/region', 'r']))),
      [term([EBS_ZONE, 'a'], ['topology.kubernetes.io/region', 'r'])],
    ],
  ])('%s', (_name, volume, expected) => {
    expect(nodeAffinityTerms(volume, true)).toEqual(expected)
    expect(nodeAffinityTerms(volume, false)).toEqual(volume.spec?.nodeAffinity?.required?.nodeSelectorTerms)
  })
})
