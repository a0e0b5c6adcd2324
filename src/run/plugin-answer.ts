import type { SchedulerPlugin } from '../scheduler/framework/plugin.ts'

/** Says what is wrong with an answer: what the contract expects instead; undefined for one that it allows. */
type AnswerCheck = (answer: unknown) => string | undefined

/** A member of a plugin that is a function, `normalize` included. */
export type PluginMethod = Exclude<
  keyof SchedulerPlugin,
  | 'name'
  | 'reads'
  | 'sized'
  | 'postFilterNeedsLowerPriority'
  | 'prepareScoreFrom'
  | 'placementNormalize'
  | 'events'
>

const REJECTION_CODES: readonly unknown[] = ['Unschedulable', 'UnschedulableAndUnresolvable', 'Error']
const REJECTION = 'unschedulable(reason), unresolvable(reason) or schedulingError(message)'
const SCREENING = `{ skip: true }, { reject }, with ${REJECTION}, or { nodeNames }`

const boolean: AnswerCheck = (answer) => (typeof answer === 'boolean' ? undefined : 'true or false')
const integer: AnswerCheck = (answer) => (Number.isSafeInteger(answer) ? undefined : 'an integer')
const anything: AnswerCheck = () => undefined
const object: AnswerCheck = (answer) => (isObject(answer) ? undefined : 'an object')

/**
 * What each method of a plugin may give back. `compile` may give any plain data; `normalize` and `update` give nothing
 * that is looked at, and the scheduler looks at the scores that are left.
 */
export const ANSWER_CHECKS: Readonly<Record<PluginMethod, AnswerCheck>> = {
  compile: anything,
  sign: orNothing(object),
  queueTime: orNothing(integer),
  enqueue: orNothing(rejection),
  gate: orNothing(rejection),
  screen: orNothing(screening),
  prepare: (answer) =>
    isObject(answer) && 'state' in answer && isOptional(answer['nodeNames'], isTexts)
      ? undefined
      : screening(answer) === undefined
        ? undefined
        : `{ state }, ${SCREENING}`,
  update: anything,
  filter: (answer) =>
    answer === undefined || rejection(answer) === undefined ? undefined : `PASS, ${REJECTION}`,
  checks: anything,
  explain: (answer) => (isTexts(answer) ? undefined : 'a list of reasons'),
  postFilter: (answer) =>
    isObject(answer) && ['Success', 'Unschedulable', 'Error'].includes(String(answer['code']))
      ? undefined
      : "{ code, message, candidates, ties, clearNomination }, with code 'Success', 'Unschedulable' or 'Error'",
  isIdle: boolean,
  isStateless: boolean,
  ignoresIdentity: boolean,
  isPostFilterIdle: boolean,
  ranks: boolean,
  prepareScore: (answer) =>
    isObject(answer) && ('state' in answer || answer['skip'] === true)
      ? undefined
      : '{ skip: true } or { state }',
  score: integer,
  pairScore: anything,
  normalize: anything,
  kernel: object,
  reserve: orNothing((answer) => {
    const isReservation =
      isObject(answer) &&
      isOptional(answer['devices'], (devices) => Number.isSafeInteger(devices) && Number(devices) >= 0) &&
      isOptional(answer['objects'], Array.isArray) &&
      isOptional(answer['failure'], (failure) => typeof failure === 'string')
    return isReservation ? undefined : '{ devices, objects, failure }, each of which may be left out'
  }),
  permit: orNothing((answer) => {
    const isWait =
      isObject(answer) &&
      Number.isSafeInteger(answer['timeout']) &&
      Number(answer['timeout']) >= 0 &&
      typeof answer['group'] === 'string'
    const isRejection = isObject(answer) && rejection(answer['reject']) === undefined
    return isWait || isRejection
      ? undefined
      : '{ timeout, group }, with the time-out in microseconds, or { reject }'
  }),
  placementGenerate: orNothing((answer) => {
    const isPlacements =
      (Array.isArray(answer) && answer.every((one) => isObject(one) && Array.isArray(one['nodes']))) ||
      (isObject(answer) && typeof answer['error'] === 'string')
    return isPlacements ? undefined : 'a list of { name, nodes }, or { error }'
  }),
  placementFeasible: orNothing((answer) =>
    isObject(answer) && ['Wait', 'Unschedulable'].includes(String(answer['code']))
      ? undefined
      : "{ code, message }, with code 'Wait' or 'Unschedulable'",
  ),
  placementScore: integer,
  podGroupPostFilter: (answer) =>
    isObject(answer) && Array.isArray(answer['victims']) ? undefined : '{ code, message, victims }',
  hint: boolean,
}

/** Why the answer is none: what it is, and what was expected; undefined for one that the contract allows. */
export function wrongAnswer(method: PluginMethod, answer: unknown): string | undefined {
  if (isObject(answer) && typeof answer['then'] === 'function') {
    return ' gave back a Promise; a plugin answers at once'
  }
  const expected = ANSWER_CHECKS[method](answer)
  if (expected === undefined) return undefined
  // As scores are spoken of after normalisation.
  if (method === 'score' || method === 'placementScore')
    return ` is ${shown(answer)}; expected an integer from 0 to 100`
  return ` gave back ${shown(answer)}; expected ${expected}`
}

/** Longest answer that is shown whole. */
const SHOWN_MAX = 200

function shown(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return String(answer)
  try {
    const text = JSON.stringify(answer) ?? String(answer)
    return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
  } catch {
    return 'an object in a circle'
  }
}

function rejection(answer: unknown): string | undefined {
  return isObject(answer) && REJECTION_CODES.includes(answer['code']) && isTexts(answer['reasons'])
    ? undefined
    : REJECTION
}

function screening(answer: unknown): string | undefined {
  const isScreening =
    isObject(answer) &&
    (answer['skip'] === true ||
      ('reject' in answer && rejection(answer['reject']) === undefined) ||
      isTexts(answer['nodeNames']))
  return isScreening ? undefined : SCREENING
}

function orNothing(check: AnswerCheck): AnswerCheck {
  return (answer) => {
    const expected = answer === undefined ? undefined : check(answer)
    return expected === undefined ? undefined : `nothing or ${expected}`
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isOptional(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value)
}
