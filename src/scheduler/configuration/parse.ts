import { InputError } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import type { FeatureGates } from '../framework/plugin-factory.ts'
import { decodeStrictly } from './decode.ts'
import { readExtenders } from './extenders.ts'
import { CONFIGURATION_FIELDS } from './fields.ts'
import { readPercentage } from './percentage.ts'
import { Problems } from './problems.ts'
import type { PlaceOf } from './problems.ts'
import { readProfiles } from './profiles.ts'
import type { ResolvedConfiguration } from './resolved.ts'
import { validateIdleSettings } from './validate-idle.ts'

const GROUP = 'kubescheduler.config.k8s.io'
const API_VERSION = `${GROUP}/v1`
const KIND = 'KubeSchedulerConfiguration'

type Fields = Readonly<Record<string, unknown>>

/** What else is known when a configuration is read. */
export interface ParseSetting {
  /** Finds the line of a field; by default lines are not told. */
  readonly placeOf?: PlaceOf
  /** Whether `apiVersion` and `kind` have to be there, as in a file; by default they may be left out. */
  readonly needsType?: boolean
  /** Feature gates of the Kubernetes version; a gate that is not there has the default of v1.37. */
  readonly gates?: FeatureGates
  /** Names of the plugins that there are; by default any name is accepted. */
  readonly known?: ReadonlySet<string>
}

/**
 * Reads a KubeSchedulerConfiguration v1 that was parsed from YAML or JSON; an empty object is the default one.
 *
 * Throws `InputError` with every problem found, in the words and the order of kube-scheduler: first those of its decoder,
 * and when there are none, those of its validation and of the framework that it builds.
 * Source: Kubernetes v1.37, scheduler/apis/config/{scheme,v1,validation}. `root` is what paths begin with.
 */
export function parseConfiguration(
  value: unknown,
  root: string,
  setting: ParseSetting = {},
): ResolvedConfiguration {
  const problems = new Problems(root, setting.placeOf ?? (() => ({})))
  const fields = (value ?? {}) as Fields
  checkType(fields, problems, setting.needsType ?? false)
  stopAt(problems)
  decodeStrictly(fields, CONFIGURATION_FIELDS, [], problems)
  stopAt(problems)
  validateIdleSettings(fields, problems)
  const profiles = readProfiles(fields['profiles'], ['profiles'], problems, setting)
  const percentage = readPercentage(fields, [], problems)
  const backoff = readBackoff(fields, problems)
  const extenders = readExtenders(fields['extenders'], ['extenders'], problems)
  stopAt(problems)
  return {
    percentageOfNodesToScore: percentage,
    ...backoff,
    profiles,
    extenders,
    warnings: problems.warnings,
  }
}

function readBackoff(
  fields: Fields,
  problems: Problems,
): Pick<ResolvedConfiguration, 'podInitialBackoff' | 'podMaxBackoff'> {
  const initial = Number(fields['podInitialBackoffSeconds'] ?? 1)
  const most = Number(fields['podMaxBackoffSeconds'] ?? 10)
  if (initial <= 0) problems.invalid(['podInitialBackoffSeconds'], initial, 'must be greater than 0')
  if (most < initial) {
    const message = 'must be greater than or equal to PodInitialBackoffSeconds'
    problems.invalid(['podMaxBackoffSeconds'], most, message)
  }
  return { podInitialBackoff: initial * SECOND, podMaxBackoff: most * SECOND }
}

function checkType(fields: Fields, problems: Problems, isNeeded: boolean): void {
  if (typeof fields !== 'object' || Array.isArray(fields)) {
    problems.add([], `expected a ${KIND}, found ${JSON.stringify(fields)}`)
    return
  }
  const { apiVersion, kind } = fields
  const hint = `expected apiVersion: ${API_VERSION} and kind: ${KIND}`
  if (isNeeded && (kind ?? '') === '') problems.add([], "Object 'Kind' is missing", hint)
  if (isNeeded && (apiVersion ?? '') === '') problems.add([], "Object 'apiVersion' is missing", hint)
  const version = String(apiVersion ?? API_VERSION)
  const name = String(kind ?? KIND)
  if (version === API_VERSION && name === KIND) return
  const path = version === API_VERSION ? ['kind'] : ['apiVersion']
  problems.add(path, `no kind "${name}" is registered for version "${version}"`, hint)
}

function stopAt(problems: Problems): void {
  if (problems.found.length > 0) throw new InputError(problems.found)
}
