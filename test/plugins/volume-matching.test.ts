import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { matchingVolume, volumeChoice, wantedVolume } from '../../plugins/volume-matching.ts'
import type { PersistentVolume } from '../../src/api/types.generated.ts'
import { buildCluster } from '../scheduler/cluster-builder.ts'
import { claim, volume } from './volume-objects.ts'

/** A volume as it is drawn: size in GiB, node, claim that it was bound to beforehand, phase, mode. */
interface Draw {
  readonly size: number
  readonly host: string
  readonly boundTo: string
  readonly phase: string
  readonly mode: string
}

const HOSTS = ['n0', 'n1']
const draws = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  host: fc.constantFrom(...HOSTS),
  boundTo: fc.constantFrom('', '', '', 'a', 'b'),
  phase: fc.constantFrom('Available', 'Available', 'Released'),
  mode: fc.constantFrom('Filesystem', 'Filesystem', 'Block'),
})

function drawn({ size, host, boundTo, phase, mode }: Draw, index: number): PersistentVolume {
  const made = volume(`v${index}`, `${size}Gi`, { host })
  const claimRef = boundTo === '' ? {} : { claimRef: { name: boundTo, namespace: 'default' } }
  return { ...made, spec: { ...made.spec, ...claimRef, volumeMode: mode }, status: { phase } }
}

/** The walk of `FindMatchingVolume`, a volume after the other. */
function walk(list: readonly Draw[], size: number, host: string): number | undefined {
  let smallest: number | undefined
  for (const [index, one] of list.entries()) {
    if (one.boundTo === 'b' || one.size < size || one.mode !== 'Filesystem') continue
    if (one.boundTo === 'a') return one.host === host ? index : undefined
    if (one.phase !== 'Available' || one.host !== host) continue
    if (smallest === undefined || one.size < (list[smallest]?.size ?? 0)) smallest = index
  }
  return smallest
}

describe('the volume for a claim', () => {
  it('is the one that kube-scheduler finds walking the list', () => {
    fc.assert(
      fc.property(fc.array(draws, { maxLength: 10 }), fc.integer({ min: 1, max: 4 }), (list, size) => {
        const { api, scheduler } = buildCluster()
        list.forEach((one, index) => api.collection('PersistentVolume').create(drawn(one, index)))
        const resources = { requests: { storage: `${size}Gi` } }
        const wanted = wantedVolume(
          claim('a', { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources }),
        )
        const choice = volumeChoice(wanted, scheduler.cluster)
        for (const host of HOSTS) {
          const found = matchingVolume(choice, { 'kubernetes.io/hostname': host }, new Set())
          const expected = walk(list, size, host)
          expect(found?.metadata?.name).toBe(expected === undefined ? undefined : `v${expected}`)
        }
      }),
    )
  })
})
