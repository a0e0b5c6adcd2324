import type { Micros } from '../base/time.ts'
import type { JsonSchema } from './schema.ts'
import type { ScenarioReader } from './reader.ts'

/** An object that an action is about. */
export interface ActionTarget {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Nodes that an action is about: one by name, or all with these labels. */
export type NodeChoice = { readonly node: string } | { readonly selector: Readonly<Record<string, string>> }

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
  | {
      readonly verb: 'drain'
      readonly nodes: NodeChoice
      /** Overrides the pods' own grace periods. */
      readonly gracePeriod: Micros | undefined
      /** Gives up after this time; tries on by default. */
      readonly timeout: Micros | undefined
      /** How long nodes stay cordoned once they are empty; for good by default. */
      readonly uncordonAfter: Micros | undefined
      /** Nodes that are drained at a time. */
      readonly nodesMax: number
    }

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
  'drain',
] as const

const text: JsonSchema = { type: 'string' }
const duration: JsonSchema = { type: ['string', 'number'] }

/** An object by `kind`, `name` and `namespace`, with what a verb needs besides. */
function target(
  description: string,
  properties: Readonly<Record<string, JsonSchema>> = {},
  required: readonly string[] = [],
): JsonSchema {
  return {
    type: 'object',
    description,
    additionalProperties: false,
    properties: {
      kind: { type: 'string', description: 'kind of the object' },
      name: { type: 'string', description: 'name of the object' },
      namespace: { type: 'string', description: 'default by default' },
      ...properties,
    },
    required: ['kind', 'name', ...required],
  }
}

function nodes(description: string, properties: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  return {
    type: 'object',
    description,
    additionalProperties: false,
    properties: {
      node: { type: 'string', description: 'name of the node' },
      selector: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'labels of the nodes, instead of a name',
      },
      ...properties,
    },
  }
}

/** Schema of an item of `spec.actions`. */
export const ACTION_SCHEMA: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['at'],
  properties: {
    at: { ...duration, description: 'when' },
    apply: { ...text, description: 'manifests to create or to replace, a path relative to the scenario' },
    delete: target('deletes an object', {
      propagationPolicy: {
        enum: ['Background', 'Foreground', 'Orphan'],
        description: 'what becomes of what it owns; Background by default',
      },
    }),
    scale: target(
      'changes the replicas of a workload',
      { replicas: { type: 'integer', minimum: 0, description: 'how many are wanted from now on' } },
      ['replicas'],
    ),
    setImage: target(
      'changes images of a workload: a rollout',
      { images: { type: 'object', additionalProperties: text, description: 'images by container name' } },
      ['images'],
    ),
    restart: target('makes all pods of a workload anew: a rollout'),
    pause: target('pauses the rollout of a Deployment'),
    resume: target('goes on with the rollout of a Deployment'),
    undo: target('takes a workload back to an earlier revision', {
      toRevision: { type: 'integer', minimum: 0, description: 'the one before by default' },
    }),
    cordon: nodes('lets no more pods onto nodes'),
    uncordon: nodes('lets pods onto nodes again'),
    drain: nodes('cordons nodes and evicts their pods, as kubectl drain does', {
      gracePeriod: { ...duration, description: "instead of the pods' own grace periods" },
      timeout: { ...duration, description: 'gives up after this time; tries on by default' },
      uncordonAfter: { ...duration, description: 'how long an empty node stays so; for good by default' },
      nodesMax: { type: 'integer', minimum: 1, description: 'nodes drained at a time; 1 by default' },
    }),
  },
}

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
    case 'drain':
      return {
        verb,
        nodes: nodesOf(reader, path),
        gracePeriod: reader.maybeDuration([...path, 'gracePeriod']),
        timeout: reader.maybeDuration([...path, 'timeout']),
        uncordonAfter: reader.maybeDuration([...path, 'uncordonAfter']),
        nodesMax: reader.number([...path, 'nodesMax'], 1),
      }
  }
}

function targetOf(reader: ScenarioReader, path: Path): ActionTarget {
  return {
    kind: reader.text([...path, 'kind'], ''),
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
