import { InputError } from '../../base/errors.ts'
import type { InputProblem } from '../../base/errors.ts'
import { SECOND } from '../../base/time.ts'
import { mergePlugins } from './merge-plugins.ts'
import type { PluginSets } from './merge-plugins.ts'
import { EXTENSION_POINTS } from './resolved.ts'
import type { ResolvedConfiguration, ResolvedProfile } from './resolved.ts'

const API_VERSION = 'kubescheduler.config.k8s.io/v1'
const KIND = 'KubeSchedulerConfiguration'

/** Fields that a simulation has no use for: what they set does not exist here. */
const MEANINGLESS: Readonly<Record<string, string>> = {
  leaderElection: 'there is one scheduler, which always leads',
  clientConnection: 'the simulated API server is not reached over a network',
  healthzBindAddress: 'nothing listens',
  metricsBindAddress: 'nothing listens',
  enableProfiling: 'use the profiler of Node.js',
  enableContentionProfiling: 'use the profiler of Node.js',
  delayCacheUntilActive: 'there is one scheduler, which always leads',
  extenders: 'extenders are not called',
}

const KNOWN = [
  'apiVersion',
  'kind',
  'parallelism',
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
  'profiles',
]
const KNOWN_OF_PROFILE = ['schedulerName', 'percentageOfNodesToScore', 'plugins', 'pluginConfig']

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a KubeSchedulerConfiguration v1 that was parsed from YAML or JSON; an empty object is the default one.
 *
 * Throws `InputError` with every problem found, in the words of kube-scheduler's validation where it has such a check.
 */
export function parseConfiguration(value: unknown, path: string): ResolvedConfiguration {
  const fields = requireObject(value ?? {}, path)
  const problems: InputProblem[] = []
  const warnings: { path: string; message: string }[] = []
  checkType(fields, path, problems)
  checkKnown(fields, [...KNOWN, ...Object.keys(MEANINGLESS)], path, problems)
  for (const [field, message] of Object.entries(MEANINGLESS)) {
    if (fields[field] !== undefined)
      warnings.push({ path: `${path}.${field}`, message: `has no effect: ${message}` })
  }
  const parallelism = numberOf(fields['parallelism'], 16)
  if (parallelism <= 0) {
    problems.push({
      field: `${path}.parallelism`,
      message: 'Invalid value: should be an integer value greater than zero',
    })
  } else if (parallelism !== 1 && fields['parallelism'] !== undefined) {
    warnings.push({
      path: `${path}.parallelism`,
      message: 'has no effect: the search for nodes is that of parallelism 1, which alone repeats itself',
    })
  }
  const initial = numberOf(fields['podInitialBackoffSeconds'], 1)
  const most = numberOf(fields['podMaxBackoffSeconds'], 10)
  if (initial <= 0) {
    problems.push({
      field: `${path}.podInitialBackoffSeconds`,
      message: `Invalid value: ${initial}: must be greater than 0`,
    })
  }
  if (most < initial) {
    problems.push({
      field: `${path}.podMaxBackoffSeconds`,
      message: `Invalid value: ${most}: must be greater than or equal to PodInitialBackoffSeconds`,
    })
  }
  const percentage = checkPercentage(
    fields['percentageOfNodesToScore'],
    `${path}.percentageOfNodesToScore`,
    problems,
  )
  const profiles = parseProfiles(fields['profiles'], `${path}.profiles`, problems)
  if (problems.length > 0) throw new InputError(problems)
  return {
    percentageOfNodesToScore: percentage,
    podInitialBackoff: initial * SECOND,
    podMaxBackoff: most * SECOND,
    profiles,
    warnings,
  }
}

function parseProfiles(value: unknown, path: string, problems: InputProblem[]): readonly ResolvedProfile[] {
  const list = value === undefined ? [{}] : value
  if (!Array.isArray(list) || list.length === 0) {
    problems.push({ field: path, message: 'Required value: expected a list of at least one profile' })
    return []
  }
  const profiles = list.map((item: unknown, index) => parseProfile(item, `${path}[${index}]`, problems))
  if (list.length > 1) {
    list.forEach((item: unknown, index) => {
      if ((item as Fields)['schedulerName'] !== undefined) return
      problems.push({ field: `${path}[${index}].schedulerName`, message: 'Required value' })
    })
  }
  const names = profiles.map((profile) => profile.schedulerName)
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return
    problems.push({ field: `${path}[${index}].schedulerName`, message: `Duplicate value: "${name}"` })
  })
  const [first] = profiles
  profiles.forEach((profile, index) => {
    if (profile.points.queueSort.join() === first?.points.queueSort.join()) return
    problems.push({
      field: `${path}[${index}].plugins.queueSort`,
      message: 'Invalid value: queueSort must be the same for all profiles',
    })
  })
  return profiles
}

function parseProfile(value: unknown, path: string, problems: InputProblem[]): ResolvedProfile {
  const fields = requireObject(value, path)
  checkKnown(fields, KNOWN_OF_PROFILE, path, problems)
  const sets = requireObject(fields['plugins'] ?? {}, `${path}.plugins`)
  checkKnown(sets, [...EXTENSION_POINTS, 'multiPoint'], `${path}.plugins`, problems)
  const merged = mergePlugins(sets as PluginSets, `${path}.plugins`)
  return {
    schedulerName: String(fields['schedulerName'] ?? 'default-scheduler'),
    percentageOfNodesToScore: checkPercentage(
      fields['percentageOfNodesToScore'],
      `${path}.percentageOfNodesToScore`,
      problems,
    ),
    points: merged.points,
    weights: merged.weights,
    args: parseArguments(fields['pluginConfig'], `${path}.pluginConfig`, problems),
  }
}

function parseArguments(
  value: unknown,
  path: string,
  problems: InputProblem[],
): ReadonlyMap<string, unknown> {
  const args = new Map<string, unknown>()
  if (value !== undefined && !Array.isArray(value)) {
    problems.push({ field: path, message: 'expected a list of { name, args }' })
    return args
  }
  for (const [index, item] of (value ?? []).entries()) {
    const { name, args: own } = requireObject(item, `${path}[${index}]`) as { name?: unknown; args?: unknown }
    if (typeof name !== 'string') {
      problems.push({ field: `${path}[${index}].name`, message: 'Required value' })
    } else if (args.has(name)) {
      problems.push({ field: `${path}[${index}]`, message: `Duplicate value: "${name}"` })
    } else args.set(name, own)
  }
  return args
}

function checkType(fields: Fields, path: string, problems: InputProblem[]): void {
  const { apiVersion = API_VERSION, kind = KIND } = fields
  if (apiVersion !== API_VERSION) {
    problems.push({
      field: `${path}.apiVersion`,
      message: `${JSON.stringify(apiVersion)} is not known`,
      hint: `expected ${API_VERSION}`,
    })
  }
  if (kind !== KIND) {
    problems.push({
      field: `${path}.kind`,
      message: `${JSON.stringify(kind)} is not known`,
      hint: `expected ${KIND}`,
    })
  }
}

function checkKnown(fields: Fields, known: readonly string[], path: string, problems: InputProblem[]): void {
  for (const field of Object.keys(fields)) {
    if (known.includes(field)) continue
    problems.push({
      field: `${path}.${field}`,
      message: `strict decoding error: unknown field "${field}"`,
      hint: `expected one of ${known.join(', ')}`,
    })
  }
}

function checkPercentage(value: unknown, field: string, problems: InputProblem[]): number | undefined {
  if (value === undefined || value === null) return undefined
  const percentage = numberOf(value, Number.NaN)
  if (Number.isInteger(percentage) && percentage >= 0 && percentage <= 100) return percentage
  problems.push({ field, message: `Invalid value: ${String(value)}: not in valid range [0-100]` })
  return undefined
}

function numberOf(value: unknown, fallback: number): number {
  return value === undefined || value === null ? fallback : Number(value)
}

function requireObject(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new InputError({ field: path, message: `expected an object, found ${JSON.stringify(value)}` })
}
