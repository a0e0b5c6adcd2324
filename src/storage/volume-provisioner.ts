import { BIND_COMPLETED, SELECTED_NODE, classNameOf } from '../api/volume-claims.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../api/types.generated.ts'
import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { objectKey } from '../cluster/object-store.ts'
import type { PayloadHandler, Simulation } from '../engine/simulation.ts'
import { giveDefaultClass } from './claim-class.ts'

const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** Time that making a volume takes. Ours: a cloud's call to create a disk takes seconds. */
export const PROVISION_TIME: Micros = 5 * SECOND

/** How often it asks again without an answer from the API server (external-provisioner, `--retry-interval-start`). */
const RETRY: Micros = SECOND

/** What the provisioner works with. */
export interface ProvisionerParts {
  readonly sim: Simulation
  readonly api: ApiServer
  /** `PROVISION_TIME` by default. */
  readonly provisionTime?: Micros
  /** Makes the cloud's call for a volume, after which the handler runs; by default that is after `provisionTime`. */
  readonly callCloud?: ((done: PayloadHandler<string>, claim: string) => void) | undefined
}

/**
 * Makes volumes for claims and binds them: at once for a class that binds immediately, once a node is chosen for the first consumer
 * for one that waits for it. Claims without a class get the default one. A volume goes with its claim when the class says so.
 *
 * Stands for the persistent volume controller of kube-controller-manager v1.37 and kubernetes-csi/external-provisioner together; it
 * leaves out static volumes, which the scheduler binds, failures and topology.
 */
export function startVolumeProvisioner({
  sim,
  api,
  provisionTime = PROVISION_TIME,
  callCloud = (done, claim) => void sim.afterWith(provisionTime, done, claim),
}: ProvisionerParts): void {
  const claims = api.collection<PersistentVolumeClaim>('PersistentVolumeClaim')
  const asked = new Set<string>()
  const provision: PayloadHandler<string> = sim.payloadHandler(
    'volume-provisioner/provision',
    (key: string) => {
      if (!api.availability.takesWrites) {
        sim.afterWith(RETRY, provision, key)
        return
      }
      asked.delete(key)
      const claim = claims.get(key)
      const storageClass = claim === undefined ? undefined : classOf(api, claim)
      if (claim !== undefined && storageClass !== undefined && isWanted(claim, storageClass)) {
        makeVolume(api, claim, storageClass)
      }
    },
  )
  const look = (key: string): void => {
    const claim = claims.get(key)
    if (claim === undefined || asked.has(key)) return
    if (classNameOf(claim) === undefined && (claim.spec?.volumeName ?? '') === '') {
      giveDefaultClass(api, claim)
      return
    }
    const storageClass = classOf(api, claim)
    if (storageClass === undefined || !isWanted(claim, storageClass)) return
    asked.add(key)
    callCloud(provision, key)
  }
  api.watch({
    name: 'volume-provisioner',
    from: 1,
    kinds: ['PersistentVolumeClaim', 'StorageClass'],
    onObject: ({ kind, verb, key, old }) => {
      if (kind === 'StorageClass') for (const claim of [...claims.list()]) look(objectKey(claim.metadata))
      else if (verb === 'DELETED') release(api, old as PersistentVolumeClaim)
      else look(key)
    },
  })
}

function classOf(api: ApiServer, claim: PersistentVolumeClaim): StorageClass | undefined {
  return api.collection<StorageClass>('StorageClass').get(classNameOf(claim) ?? '')
}

/** Whether a volume is to be made for the claim now. */
function isWanted({ metadata, spec }: PersistentVolumeClaim, storageClass: StorageClass): boolean {
  if ((spec?.volumeName ?? '') !== '' || metadata?.deletionTimestamp !== undefined) return false
  if (storageClass.provisioner === NO_PROVISIONER) return false
  const waits = storageClass.volumeBindingMode === 'WaitForFirstConsumer'
  return !waits || metadata?.annotations?.[SELECTED_NODE] !== undefined
}

function makeVolume(api: ApiServer, claim: PersistentVolumeClaim, storageClass: StorageClass): void {
  const { metadata, spec } = claim
  const name = `pvc-${metadata?.uid ?? objectKey(metadata).replace('/', '-')}`
  const volume: PersistentVolume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: storageClass.provisioner } },
    spec: {
      accessModes: spec?.accessModes ?? [],
      capacity: { storage: spec?.resources?.requests?.['storage'] ?? '0' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: metadata?.namespace ?? '',
        name: metadata?.name ?? '',
        uid: metadata?.uid ?? '',
      },
      csi: { driver: storageClass.provisioner, volumeHandle: name },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata?.name ?? '',
      volumeMode: spec?.volumeMode ?? 'Filesystem',
    },
    status: { phase: 'Bound' },
  }
  if (!api.collection<PersistentVolume>('PersistentVolume').create(volume).ok) return
  const annotations = { ...metadata?.annotations, [BIND_COMPLETED]: 'yes', [BOUND_BY_CONTROLLER]: 'yes' }
  api.collection<PersistentVolumeClaim>('PersistentVolumeClaim').update({
    ...claim,
    metadata: { ...metadata, annotations },
    spec: { ...spec, volumeName: name },
    status: {
      ...claim.status,
      phase: 'Bound',
      accessModes: spec?.accessModes ?? [],
      capacity: volume.spec?.capacity ?? {},
    },
  })
}

/** The claim is gone: its volume too, or it is Released and stays. */
function release(api: ApiServer, claim: PersistentVolumeClaim): void {
  const volumes = api.collection<PersistentVolume>('PersistentVolume')
  const name = claim.spec?.volumeName ?? ''
  const volume = volumes.get(name)
  if (volume?.spec?.claimRef?.uid !== claim.metadata?.uid || volume === undefined) return
  if (volume.spec?.persistentVolumeReclaimPolicy === 'Delete') volumes.delete(name)
  else volumes.update({ ...volume, status: { ...volume.status, phase: 'Released' } })
}
