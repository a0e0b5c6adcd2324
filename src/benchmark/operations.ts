import path from 'node:path'

import { SECOND } from '../base/time.ts'
import type { Micros } from '../base/time.ts'
import { FieldReader, requireFields, wrongField } from './field-reader.ts'
import type { Fields, Place } from './field-reader.ts'

/** Labels that a pod must have. */
type Labels = Readonly<Record<string, string>>

/** What a createNodes does to each node that it made. */
export type NodeStrategy =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'allocatable'
      readonly allocatable: Labels
      /** `allocatable` of each driver of the node's CSINode. */
      readonly drivers: Readonly<Record<string, Fields>>
      readonly migratedPlugins: readonly string[]
    }
  | { readonly kind: 'label'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'unique-label'; readonly key: string }

/** Creates pods and waits for them, or keeps deleting and creating for a while. */
export interface CreatePods {
  readonly opcode: 'createPods'
  readonly count: number
  /** Undefined: `namespace-<index of the op>`. */
  readonly namespace: string | undefined
  readonly template: string | undefined
  readonly templateParams: Fields
  readonly collectMetrics: boolean
  readonly skipWait: boolean
  /** How long pods are replaced as soon as they are bound; undefined: they are not. */
  readonly steadyFor: Micros | undefined
  readonly volumeTemplate: string | undefined
  readonly claimTemplate: string | undefined
  /** So many pods in a row share a value of the label `signature`. Undefined: no such label was asked for. */
  readonly signatureBatchSize: number | undefined
}

/** One operation of a workload, its parameters filled in; paths are absolute. */
export type Operation =
  | {
      readonly opcode: 'createNodes'
      readonly count: number
      readonly template: string | undefined
      readonly templateParams: Fields
      readonly strategy: NodeStrategy
    }
  | {
      readonly opcode: 'createNamespaces'
      readonly prefix: string
      readonly count: number
      readonly template: string | undefined
    }
  | CreatePods
  | {
      readonly opcode: 'createPodSets'
      readonly count: number
      readonly namespacePrefix: string
      readonly createPods: CreatePods
    }
  | {
      readonly opcode: 'createPodGroups' | 'createResourceClaims' | 'createAny'
      readonly count: number
      readonly namespace: string | undefined
      readonly template: string
      readonly templateParams: Fields
    }
  | {
      readonly opcode: 'updateAny'
      readonly count: number
      readonly namespace: string | undefined
      readonly template: string
      readonly templateParams: Fields
      /** 0: all at once. */
      readonly perSecond: number
    }
  | {
      readonly opcode: 'deletePods'
      readonly namespace: string
      readonly labels: Labels | undefined
      readonly perSecond: number
      readonly skipWait: boolean
    }
  | {
      readonly opcode: 'churn'
      readonly mode: 'create' | 'recreate'
      readonly number: number
      readonly interval: Micros
      readonly namespace: string | undefined
      readonly templates: readonly string[]
    }
  | {
      readonly opcode: 'barrier'
      readonly namespaces: readonly string[]
      readonly labels: Labels | undefined
      readonly stage: 'Scheduled' | 'Attempted'
    }
  | { readonly opcode: 'sleep'; readonly duration: Micros }
  | {
      readonly opcode: 'startCollectingMetrics'
      readonly name: string
      readonly namespaces: readonly string[]
      readonly labels: Labels | undefined
    }
  | { readonly opcode: 'stopCollectingMetrics' | 'startCollectingProfile' | 'stopCollectingProfile' }
  | {
      readonly opcode: 'createResourceDriver'
      readonly driver: string
      /** Glob of names of nodes. */
      readonly nodes: string
      readonly claimsPerNode: number
    }
  | { readonly opcode: 'allocResourceClaims'; readonly namespace: string | undefined }

interface OperationContext {
  readonly place: Place
  readonly params: Fields
  readonly defaultPodTemplate: string | undefined
}

const MILLISECONDS_BETWEEN_CHURN = 500

/**
 * Pods that a steady state begins with where the workload does not say how many.
 *
 * Departs from Kubernetes: its program refuses such a workload (v1.37, dra, empty_100nodes and empty_200nodes). All the
 * others of that case begin with ten.
 */
const STEADY_PODS = 10

type OperationParser = (reader: FieldReader, context: OperationContext) => Operation

/**
 * Every opcode of scheduler_perf with the fields that it has.
 *
 * Source: Kubernetes v1.36 and v1.37, test/integration/scheduler_perf/operations.go.
 */
const PARSERS: Readonly<Record<string, OperationParser>> = {
  createNodes: (reader) => ({
    opcode: 'createNodes',
    count: reader.requiredCount('count'),
    template: fileOf(reader, 'nodeTemplatePath'),
    templateParams: reader.templateParams('templateParams'),
    strategy: strategyOf(reader),
  }),
  createNamespaces: (reader) => ({
    opcode: 'createNamespaces',
    prefix: reader.requiredText('prefix'),
    count: reader.requiredCount('count'),
    template: fileOf(reader, 'namespaceTemplatePath'),
  }),
  createPods: (reader, context) => createPodsOf(reader, context),
  createPodSets: (reader, context) => {
    const fields = reader.fields('createPodsOp')
    if (fields === undefined) throw wrongField(reader.place, 'createPodsOp', 'is missing')
    const place = { file: reader.place.file, path: `${reader.place.path}.createPodsOp` }
    const inner = new FieldReader(fields, place, context.params)
    inner.text('opcode')
    const createPods = createPodsOf(inner, context)
    inner.done()
    return {
      opcode: 'createPodSets',
      count: reader.requiredCount('count'),
      namespacePrefix: reader.requiredText('namespacePrefix'),
      createPods,
    }
  },
  createPodGroups: (reader) => objectsOf(reader, 'createPodGroups'),
  createResourceClaims: (reader) => objectsOf(reader, 'createResourceClaims'),
  createAny: (reader) => objectsOf(reader, 'createAny'),
  updateAny: (reader) => {
    // Which part of the object is written makes no difference: the simulated one is written whole.
    reader.texts('subresources')
    const { count, namespace, template, templateParams } = objectFields(reader)
    const perSecond = reader.count('updatePerSecond') ?? 0
    return { opcode: 'updateAny', count, namespace, template, templateParams, perSecond }
  },
  deletePods: (reader) => ({
    opcode: 'deletePods',
    namespace: reader.requiredText('namespace'),
    labels: reader.labels('labelSelector'),
    perSecond: reader.count('deletePodsPerSecond') ?? 0,
    skipWait: reader.flag('skipWaitToCompletion'),
  }),
  churn: (reader) => {
    const mode = reader.text('mode') ?? 'create'
    if (mode !== 'create' && mode !== 'recreate') {
      throw wrongField(reader.place, 'mode', `is "${mode}"; expected create or recreate`)
    }
    const number = reader.count('number') ?? 0
    if (mode === 'recreate' && number === 0) {
      throw wrongField(reader.place, 'number', 'is missing: recreate needs the number of places')
    }
    return {
      opcode: 'churn',
      mode,
      number,
      interval: ((reader.count('intervalMilliseconds') || MILLISECONDS_BETWEEN_CHURN) * SECOND) / 1000,
      namespace: reader.text('namespace'),
      templates: reader.texts('templatePaths').map((file) => besideConfig(reader, file)),
    }
  },
  barrier: (reader) => {
    const stage = reader.text('stageRequirement') ?? 'Scheduled'
    if (stage !== 'Scheduled' && stage !== 'Attempted') {
      throw wrongField(reader.place, 'stageRequirement', `is "${stage}"; expected Scheduled or Attempted`)
    }
    return {
      opcode: 'barrier',
      namespaces: reader.texts('namespaces'),
      labels: reader.labels('labelSelector'),
      stage,
    }
  },
  sleep: (reader) => ({ opcode: 'sleep', duration: reader.duration('duration') ?? 0 }),
  startCollectingMetrics: (reader) => {
    const namespaces = reader.texts('namespaces')
    if (namespaces.length === 0) throw wrongField(reader.place, 'namespaces', 'is missing')
    return {
      opcode: 'startCollectingMetrics',
      name: reader.text('name') ?? '',
      namespaces,
      labels: reader.labels('labelSelector'),
    }
  },
  stopCollectingMetrics: () => ({ opcode: 'stopCollectingMetrics' }),
  startCollectingProfile: (reader) => {
    // The profiler is that of Node.js (node --cpu-prof): it is not started by a workload.
    reader.text('type')
    reader.text('filePath')
    return { opcode: 'startCollectingProfile' }
  },
  stopCollectingProfile: (reader) => {
    reader.text('type')
    return { opcode: 'stopCollectingProfile' }
  },
  createResourceDriver: (reader) => ({
    opcode: 'createResourceDriver',
    driver: reader.requiredText('driverName'),
    nodes: reader.requiredText('nodes'),
    claimsPerNode: reader.requiredCount('maxClaimsPerNode'),
  }),
  allocResourceClaims: (reader) => ({
    opcode: 'allocResourceClaims',
    namespace: reader.text('namespace'),
  }),
}

/** Reads the operations of a workload in order. Throws `InputError` for the first that is wrong. */
export function readOperations(list: readonly unknown[], context: OperationContext): readonly Operation[] {
  return list.map((value, index) => {
    const place = { file: context.place.file, path: `${context.place.path}[${index}]` }
    const reader = new FieldReader(requireFields(value, place), place, context.params)
    const opcode = reader.requiredText('opcode')
    const parse = PARSERS[opcode]
    if (parse === undefined) {
      const known = Object.keys(PARSERS).join(', ')
      throw wrongField(place, 'opcode', `"${opcode}" is not known`, `known are ${known}`)
    }
    const operation = parse(reader, context)
    reader.done()
    return operation
  })
}

function createPodsOf(reader: FieldReader, context: OperationContext): CreatePods {
  const multiplier = reader.text('countMultiplierParam')
  const times = multiplier === undefined ? 1 : Number(reader.param(multiplier, 'countMultiplierParam'))
  const steady = reader.flag('steadyState')
  const duration = reader.duration('duration')
  const count = steady ? steadyCount(reader) : reader.requiredCount('count')
  const operation: CreatePods = {
    opcode: 'createPods',
    count: count * times,
    namespace: reader.text('namespace'),
    template: fileOf(reader, 'podTemplatePath') ?? context.defaultPodTemplate,
    templateParams: reader.templateParams('templateParams'),
    collectMetrics: reader.flag('collectMetrics'),
    skipWait: reader.flag('skipWaitToCompletion'),
    steadyFor: steady ? (duration ?? 0) : undefined,
    volumeTemplate: fileOf(reader, 'persistentVolumeTemplatePath'),
    claimTemplate: fileOf(reader, 'persistentVolumeClaimTemplatePath'),
    signatureBatchSize: reader.count('signatureBatchSize') || undefined,
  }
  if (operation.collectMetrics && operation.skipWait) {
    throw wrongField(reader.place, 'collectMetrics', 'and skipWaitToCompletion exclude each other')
  }
  if (steady && (operation.steadyFor ?? 0) <= 0) {
    throw wrongField(reader.place, 'duration', 'is missing: a steady state has an end')
  }
  return operation
}

/** The pods of a steady state; its parameter may be missing. */
function steadyCount(reader: FieldReader): number {
  return reader.has('count') ? reader.requiredCount('count') : reader.skip('count', STEADY_PODS)
}

function objectsOf(
  reader: FieldReader,
  opcode: 'createPodGroups' | 'createResourceClaims' | 'createAny',
): Operation {
  return { opcode, ...objectFields(reader) }
}

function objectFields(reader: FieldReader): {
  readonly count: number
  readonly namespace: string | undefined
  readonly template: string
  readonly templateParams: Fields
} {
  return {
    count: reader.count('count') ?? 1,
    namespace: reader.text('namespace') || undefined,
    template: besideConfig(reader, reader.requiredText('templatePath')),
    templateParams: reader.templateParams('templateParams'),
  }
}

function strategyOf(reader: FieldReader): NodeStrategy {
  const allocatable = nestedReader(reader, 'nodeAllocatableStrategy')
  const label = nestedReader(reader, 'labelNodePrepareStrategy')
  const unique = nestedReader(reader, 'uniqueNodeLabelStrategy')
  const given = [allocatable, label, unique].filter((one) => one !== undefined)
  if (given.length > 1) throw wrongField(reader.place, '', 'has more than one strategy for its nodes')
  if (allocatable !== undefined) {
    const drivers = Object.entries(allocatable.fields('csiNodeAllocatable') ?? {})
    return {
      kind: 'allocatable',
      allocatable: allocatable.labels('nodeAllocatable') ?? {},
      drivers: Object.fromEntries(
        drivers.map(([name, value]) => [name, requireFields(value, allocatable.place)]),
      ),
      migratedPlugins: allocatable.texts('migratedPlugins'),
    }
  }
  if (label !== undefined) {
    const values = label.texts('labelValues')
    if (values.length === 0) throw wrongField(label.place, 'labelValues', 'is missing')
    return { kind: 'label', key: label.requiredText('labelKey'), values }
  }
  return unique === undefined
    ? { kind: 'none' }
    : { kind: 'unique-label', key: unique.requiredText('labelKey') }
}

function nestedReader(reader: FieldReader, name: string): FieldReader | undefined {
  const fields = reader.fields(name)
  const place = { file: reader.place.file, path: `${reader.place.path}.${name}` }
  return fields === undefined ? undefined : new FieldReader(fields, place)
}

function fileOf(reader: FieldReader, name: string): string | undefined {
  const file = reader.text(name)
  return file === undefined ? undefined : besideConfig(reader, file)
}

function besideConfig(reader: FieldReader, file: string): string {
  return path.resolve(path.dirname(reader.place.file), file)
}
