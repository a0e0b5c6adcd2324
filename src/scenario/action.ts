import { parseLabelSelector } from '../api/label-selector-text.ts'
import { compileLabelRequirements } from '../api/label-requirement.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { IntOrString, Taint } from '../api/types.generated.ts'
import { nearestWord } from '../base/nearest-word.ts'
import type { Sampler } from '../base/distribution.ts'
import type { Micros } from '../base/time.ts'
import type { ScenarioReader } from './reader.ts'

/** An object that an action is about. */
export interface ActionTarget {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Nodes that an action is about: one by name, or all with these labels. */
export type NodeChoice = { readonly node: string } | { readonly selector: Readonly<Record<string, string>> }

/** How the pods of a node are taken away, in the words of kubectl drain. */
export interface DrainAction {
  /** Overrides the pods' own grace periods. */
  readonly gracePeriod: Micros | undefined
  /** Gives a node up after this time; tries on by default. */
  readonly timeout: Micros | undefined
  /** Only pods with such labels; all by default. */
  readonly podSelector: LabelPredicate | undefined
  /** Deletes pods instead of evicting them. */
  readonly disableEviction: boolean
  /** Waits for no pod that should have been gone for longer than this; 0: for all. */
  readonly skipWaitForDeleteTimeout: Micros
}

/** Fields of `status.nodeInfo` that an upgrade may change. */
export const SOFTWARE_FIELDS = [
  'kubeletVersion',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
] as const

/** What somebody does to the cluster during a run, in the words of kubectl. */
export type ActionVerb =
  | { readonly verb: 'apply'; readonly file: string }
  | {
      readonly verb: 'delete'
      readonly target: ActionTarget
      readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan'
    }
  | { readonly verb: 'scale'; readonly target: ActionTarget; readonly replicas: number }
  | {
      readonly verb: 'setImage'
      readonly target: ActionTarget
      /** Images by container name. */
      readonly images: Readonly<Record<string, string>>
    }
  | { readonly verb: 'restart' | 'pause' | 'resume'; readonly target: ActionTarget }
  /** With revision 0 to the one before. */
  | { readonly verb: 'undo'; readonly target: ActionTarget; readonly toRevision: number }
  | { readonly verb: 'cordon' | 'uncordon'; readonly nodes: NodeChoice }
  | { readonly verb: 'taint'; readonly nodes: NodeChoice; readonly taint: Taint }
  | {
      readonly verb: 'untaint'
      readonly nodes: NodeChoice
      readonly key: string
      /** Of any effect where undefined. */
      readonly effect: string | undefined
    }
  | (DrainAction & {
      readonly verb: 'drain'
      readonly nodes: NodeChoice
      /** How long nodes stay cordoned once they are empty; for good by default. */
      readonly uncordonAfter: Micros | undefined
      /** Nodes that are drained at a time. */
      readonly nodesMax: number
    })
  | (DrainAction & {
      readonly verb: 'upgrade'
      readonly nodes: NodeChoice
      /** Nodes that are out of service at a time, or a percentage of them. */
      readonly nodesMax: IntOrString
      /** How long each is down. */
      readonly downtime: Sampler
      /** Gives a node up that is not Ready so long after it may be up again. */
      readonly readyTimeout: Micros | undefined
      /** What its kubelet says of its software from then on. */
      readonly software: Readonly<Partial<Record<(typeof SOFTWARE_FIELDS)[number], string>>>
    })

/** An action with its time. */
export type ActionSource = ActionVerb & { readonly at: Micros }

const VERBS = [
  'apply',
  'delete',
  'scale',
  'setImage',
  'restart',
  'pause',
  'resume',
  'undo',
  'cordon',
  'uncordon',
  'taint',
  'untaint',
  'drain',
  'upgrade',
] as const

type Path = readonly (string | number)[]

/** The actions of a scenario in order of time, those of one instant as they are written. */
export function actionsOf(reader: ScenarioReader): readonly ActionSource[] {
  return reader
    .list(['spec', 'actions'])
    .map((_, index) => actionAt(reader, ['spec', 'actions', index]))
    .sort((one, other) => one.at - other.at)
}

function actionAt(reader: ScenarioReader, path: Path): ActionSource {
  const present = VERBS.filter((verb) => reader.get([...path, verb]) !== undefined)
  const [verb] = present
  if (verb === undefined || present.length > 1) {
    const found = present.length === 0 ? 'does nothing' : `does ${present.join(' and ')}`
    reader.fail(path, found, `expected one of ${VERBS.join(', ')}`)
  }
  return { at: reader.duration([...path, 'at'], 0), ...verbOf(reader, verb, [...path, verb]) }
}

function verbOf(reader: ScenarioReader, verb: (typeof VERBS)[number], path: Path): ActionVerb {
  switch (verb) {
    case 'apply':
      return { verb, file: reader.path(reader.text(path, '')) }
    case 'delete': {
      const policy = reader.text([...path, 'propagationPolicy'], 'Background')
      const propagationPolicy = policy === 'Foreground' || policy === 'Orphan' ? policy : 'Background'
      return { verb, target: targetOf(reader, path), propagationPolicy }
    }
    case 'scale':
      return { verb, target: targetOf(reader, path), replicas: reader.number([...path, 'replicas'], 0) }
    case 'setImage': {
      const images = reader.get([...path, 'images']) as Readonly<Record<string, string>>
      return { verb, target: targetOf(reader, path), images }
    }
    case 'undo':
      return { verb, target: targetOf(reader, path), toRevision: reader.number([...path, 'toRevision'], 0) }
    case 'restart':
    case 'pause':
    case 'resume':
      return { verb, target: targetOf(reader, path) }
    case 'cordon':
    case 'uncordon':
      return { verb, nodes: nodesOf(reader, path) }
    case 'taint': {
      const value = reader.get([...path, 'value'])
      const effect = reader.text([...path, 'effect'], '')
      const taint = { key: reader.text([...path, 'key'], ''), effect }
      return {
        verb,
        nodes: nodesOf(reader, path),
        taint: value === undefined ? taint : { ...taint, value: String(value) },
      }
    }
    case 'untaint': {
      const effect = reader.get([...path, 'effect']) as string | undefined
      return { verb, nodes: nodesOf(reader, path), key: reader.text([...path, 'key'], ''), effect }
    }
    case 'drain':
      return {
        verb,
        nodes: nodesOf(reader, path),
        ...drainOf(reader, path),
        uncordonAfter: reader.maybeDuration([...path, 'uncordonAfter']),
        nodesMax: reader.number([...path, 'nodesMax'], 1),
      }
    case 'upgrade':
      return {
        verb,
        nodes: nodesOf(reader, path),
        ...drainOf(reader, path),
        nodesMax: (reader.get([...path, 'nodesMax']) ?? 1) as IntOrString,
        downtime: reader.durations([...path, 'for'], '0s'),
        readyTimeout: reader.maybeDuration([...path, 'readyTimeout']),
        software: Object.fromEntries(
          SOFTWARE_FIELDS.flatMap((field) => {
            const value = reader.get([...path, field])
            return value === undefined ? [] : [[field, String(value)]]
          }),
        ),
      }
  }
}

function drainOf(reader: ScenarioReader, path: Path): DrainAction {
  return {
    gracePeriod: reader.maybeDuration([...path, 'gracePeriod']),
    timeout: reader.maybeDuration([...path, 'timeout']),
    podSelector: podSelectorOf(reader, [...path, 'podSelector']),
    disableEviction: reader.flag([...path, 'disableEviction'], false),
    skipWaitForDeleteTimeout: reader.duration([...path, 'skipWaitForDeleteTimeout'], 0),
  }
}

function podSelectorOf(reader: ScenarioReader, path: Path): LabelPredicate | undefined {
  if (reader.get(path) === undefined) return undefined
  const parsed = parseLabelSelector(reader.text(path, ''))
  return 'error' in parsed ? reader.fail(path, parsed.error) : compileLabelRequirements(parsed.value)
}

/** Kinds that a verb can change; any, of a verb that is not here. */
const KINDS_OF_VERBS: Readonly<Partial<Record<(typeof VERBS)[number], readonly string[]>>> = {
  scale: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'],
  setImage: ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'],
  restart: ['Deployment', 'StatefulSet', 'DaemonSet'],
  undo: ['Deployment', 'StatefulSet', 'DaemonSet'],
  pause: ['Deployment'],
  resume: ['Deployment'],
}

/** The kind of an action's object, which has to be one that the verb can change. */
function kindOf(reader: ScenarioReader, path: Path): string {
  const kind = reader.text([...path, 'kind'], '')
  const known = KINDS_OF_VERBS[path.at(-1) as (typeof VERBS)[number]]
  if (known !== undefined && !known.includes(kind)) {
    const near = nearestWord(kind, known)
    const hint = near === undefined ? `expected ${known.join(' or ')}` : `did you mean ${near}?`
    reader.fail([...path, 'kind'], `"${kind}" is no kind for ${String(path.at(-1))}`, hint)
  }
  if (known === undefined && !/^[A-Z]/.test(kind)) {
    reader.fail([...path, 'kind'], `"${kind}" is no kind`, 'kinds begin with a capital letter')
  }
  return kind
}

function targetOf(reader: ScenarioReader, path: Path): ActionTarget {
  return {
    kind: kindOf(reader, path),
    namespace: reader.text([...path, 'namespace'], 'default'),
    name: reader.text([...path, 'name'], ''),
  }
}

function nodesOf(reader: ScenarioReader, path: Path): NodeChoice {
  const node = reader.get([...path, 'node'])
  const selector = reader.get([...path, 'selector'])
  if ((node === undefined) === (selector === undefined)) reader.fail(path, 'expected a node or a selector')
  if (node !== undefined) return { node: String(node) }
  return { selector: selector as Readonly<Record<string, string>> }
}
