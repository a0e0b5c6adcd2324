import { SELECTED_NODE } from '../src/api/volume-claims.ts'
import { InputError } from '../src/base/errors.ts'
import { quantityValue } from '../src/api/quantity.ts'
import type { PersistentVolume, PersistentVolumeClaim, Volume } from '../src/api/types.generated.ts'
import { definePlugin, PASS, signVolumes, unresolvable } from '../src/scheduler/framework/index.ts'
import type {
  PluginContext,
  PluginDefinition,
  PluginFactory,
  Rejection,
  ReservedObject,
  SchedulerPlugin,
} from '../src/scheduler/framework/index.ts'
import { readArguments } from './plugin-arguments.ts'
import type { PluginArguments } from './plugin-arguments.ts'
import { NO_PROBLEMS, findPodVolumes, readClaims } from './pod-volumes.ts'
import type { PodClaims, PodVolumes, VolumeProblems } from './pod-volumes.ts'
import { percentOf } from './resource-columns.ts'
import { interpolate, readShape } from './utilization-shape.ts'
import type { ShapePoint } from './utilization-shape.ts'
import { volumeBindingHint } from './volume-binding-hint.ts'
import { hasClaims } from './volume-claims.ts'
import { isBoundTo, volumeSize } from './volume-matching.ts'

const NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
const NO_MATCH = "node(s) didn't find available persistent volumes to bind"
const NO_CAPACITY = 'node(s) did not have enough free storage'
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

const CAPACITY_SCORING = 'StorageCapacityScoring'
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
/** The more storage is left, the better (kube-scheduler v1.37). */
const DEFAULT_SHAPE: readonly ShapePoint[] = [
  { utilization: 0, score: 100 },
  { utilization: 100, score: 0 },
]

/** Volumes of a pod, and where its claims are. */
export interface VolumeTerm {
  readonly namespace: string
  readonly volumes: readonly Volume[]
  readonly hasClaims: boolean
}

/**
 * Finds the volumes of a pod: keeps it where its bound ones can be used and where the others can be bound or made; prefers
 * nodes with storage to spare; takes the volumes for it.
 *
 * Score: by the shape at the share of capacity that is asked for, mean of the storage classes, rounded to the nearest; of
 * volumes to bind where there are some, else of those to make where their capacity is known. Without claims 0.
 * Source: Kubernetes v1.37, scheduler plugins/volumebinding.
 */
export const volumeBinding: PluginFactory = (args, context) => {
  const given = readArguments(args, context, ['bindTimeoutSeconds', 'shape'])
  checkTimeout(given, context)
  return definitionOf(readScoreShape(given, context))
}

/** Nothing waits here for volumes to be bound, so that the time-out is only checked. */
function checkTimeout({ bindTimeoutSeconds }: PluginArguments, { path }: PluginContext): void {
  if (bindTimeoutSeconds === undefined || bindTimeoutSeconds === null) return
  if (Number.isInteger(bindTimeoutSeconds) && Number(bindTimeoutSeconds) >= 0) return
  throw new InputError({
    field: `${path}.bindTimeoutSeconds`,
    message: `Invalid value: ${JSON.stringify(bindTimeoutSeconds)}: invalid BindTimeoutSeconds, should not be a negative value`,
  })
}

type VolumeBinding = PluginDefinition<VolumeTerm, 'name' | 'labels', PodClaims, PodClaims | undefined>

/** Undefined when the gate is off: then nodes are not scored. */
function readScoreShape(given: PluginArguments, context: PluginContext): readonly ShapePoint[] | undefined {
  const { shape } = given
  const field = `${context.path}.shape`
  if (context.gates.get(CAPACITY_SCORING) === true) {
    return shape === undefined || shape === null ? DEFAULT_SHAPE : readShape(shape, field)
  }
  if (shape === undefined || shape === null) return undefined
  throw new InputError({
    field,
    message: `unexpected field "shape", remove it or turn on the feature gate ${CAPACITY_SCORING}`,
  })
}

function definitionOf(shape: readonly ShapePoint[] | undefined): SchedulerPlugin {
  return definePlugin<VolumeTerm, 'name' | 'labels', PodClaims, PodClaims | undefined>({
    name: 'VolumeBinding',
    reads: ['name', 'labels'],
    sized: false,
    sign: signVolumes,

    compile: (pod) => ({
      namespace: pod.namespace,
      volumes: pod.spec.volumes ?? [],
      hasClaims: hasClaims(pod),
    }),

    isIdle: (term) => !term.hasClaims,

    screen: (term) => (term.hasClaims ? undefined : { skip: true }),

    prepare({ namespace, volumes }, cluster, pod) {
      const claims = readClaims(namespace, volumes, pod, cluster)
      return 'code' in claims ? { reject: claims } : { state: claims }
    },

    filter(_term, node, nodes, state) {
      return rejectionOf(findPodVolumes(state, nodes.name(node), nodes.labels(node)).problems)
    },

    ...(shape === undefined ? {} : scoringBy(shape)),

    reserve(_term, node, nodes, { state }) {
      if (state === undefined || state.waiting.length === 0) return undefined
      const nodeName = nodes.name(node)
      return { objects: reservedObjects(findPodVolumes(state, nodeName, nodes.labels(node)), nodeName) }
    },

    hint: (term, change, _cluster, pod) => volumeBindingHint(term, change, pod),
  })
}

/** Looks for the volumes again where the filter has found them: plugins keep nothing from node to node. */
function scoringBy(shape: readonly ShapePoint[]): Pick<VolumeBinding, 'prepareScore' | 'score'> {
  return {
    prepareScore({ namespace, volumes, hasClaims: mayScore }, cluster, _found, pod) {
      const claims = mayScore ? readClaims(namespace, volumes, pod, cluster) : undefined
      if (claims === undefined || 'code' in claims || claims.waiting.length === 0) return { state: undefined }
      return { state: claims }
    },

    score(_term, node, nodes, claims) {
      if (claims === undefined) return 0
      return scoreOf(findPodVolumes(claims, nodes.name(node), nodes.labels(node)), shape)
    },
  }
}

function rejectionOf(problems: VolumeProblems): Rejection | undefined {
  if (problems === NO_PROBLEMS) return PASS
  const reasons: string[] = []
  if (problems.nodeConflict) reasons.push(NODE_CONFLICT)
  if (problems.noMatch) reasons.push(NO_MATCH)
  if (problems.noCapacity) reasons.push(NO_CAPACITY)
  if (problems.noVolume) reasons.push(NO_VOLUME)
  return reasons.length === 0 ? PASS : unresolvable(...reasons)
}

/** Storage of one class in bytes. */
interface ClassUse {
  requested: number
  capacity: number
}

function scoreOf({ bindings, provisions }: PodVolumes, shape: readonly ShapePoint[]): number {
  const uses = new Map<string, ClassUse>()
  const useOf = (name: string): ClassUse => {
    const use = uses.get(name) ?? { requested: 0, capacity: 0 }
    uses.set(name, use)
    return use
  }
  for (const { wanted, volume } of bindings) {
    const use = useOf(volume.spec?.storageClassName ?? '')
    use.requested += wanted.size
    use.capacity += volumeSize(volume)
  }
  if (bindings.length === 0) {
    for (const { wanted, capacity } of provisions) {
      if (capacity === undefined) continue
      const use = useOf(wanted.claim.spec?.storageClassName ?? '')
      use.requested += wanted.size
      // Not a sum: all volumes of the class are made from the same capacity.
      use.capacity = quantityValue(capacity.capacity ?? '0')
    }
  }
  if (uses.size === 0) return 0
  let sum = 0
  for (const { requested, capacity } of uses.values()) {
    const isFull = capacity === 0 || requested > capacity
    sum += interpolate(shape, isFull ? 100 : percentOf(requested, capacity))
  }
  return Math.round(sum / uses.size)
}

/** Volumes with their claims, and claims with the node on which their volumes are to be made. */
function reservedObjects({ bindings, provisions }: PodVolumes, nodeName: string): readonly ReservedObject[] {
  const volumes = bindings.map(({ wanted: { claim }, volume }): ReservedObject & PersistentVolume => {
    const { name = '', namespace = '', uid } = claim.metadata ?? {}
    const claimRef = {
      kind: 'PersistentVolumeClaim',
      apiVersion: 'v1',
      name,
      namespace,
      ...(uid === undefined ? {} : { uid }),
    }
    const annotations = isBoundTo(volume, claim)
      ? volume.metadata?.annotations
      : { ...volume.metadata?.annotations, [BOUND_BY_CONTROLLER]: 'yes' }
    return {
      ...volume,
      kind: 'PersistentVolume',
      metadata: { ...volume.metadata, ...(annotations === undefined ? {} : { annotations }) },
      spec: { ...volume.spec, claimRef },
    }
  })
  const claims = provisions.map(({ wanted: { claim } }): ReservedObject & PersistentVolumeClaim => {
    const annotations = { ...claim.metadata?.annotations, [SELECTED_NODE]: nodeName }
    return { ...claim, kind: 'PersistentVolumeClaim', metadata: { ...claim.metadata, annotations } }
  })
  return [...volumes, ...claims]
}
