import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

import { InputError } from '../base/errors.ts'
import { unreadable } from '../base/unreadable.ts'
import { readText, readYaml } from '../workload/node-list.ts'
import { FieldReader, requireFields, wrongField } from './field-reader.ts'
import type { Fields, Place } from './field-reader.ts'
import { readOperations } from './operations.ts'
import type { Operation } from './operations.ts'

/** Which measured value a workload's threshold is for. */
export interface ThresholdSelector {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly dataBucket: string
  /** Whether a value above the threshold fails, rather than one below. */
  readonly expectLower: boolean
}

/** One workload of a test case, its parameters filled in. */
export interface PerfWorkload {
  /** Folder of the configuration file below the folder that was given: `dra/devicetaints`. */
  readonly topic: string
  readonly file: string
  readonly testCase: string
  readonly name: string
  /** Labels of the case and of the workload. */
  readonly labels: readonly string[]
  /** Feature gates of the case, overridden by those of the workload. */
  readonly featureGates: Readonly<Record<string, boolean>>
  /** Absolute path of the KubeSchedulerConfiguration, where the case has one. */
  readonly schedulerConfig: string | undefined
  readonly defaultPodTemplate: string | undefined
  readonly params: Fields
  /** 0: none. */
  readonly threshold: number
  readonly thresholdSelector: ThresholdSelector
  /** Reads the operations; throws `InputError` for what is wrong in them. */
  readonly operations: () => readonly Operation[]
}

const CONFIG_NAME = 'performance-config.yaml'

/** How deep a folder is searched for configuration files. */
const DEPTH_MAX = 8

/**
 * Reads scheduler_perf configurations: files, or folders in which every `performance-config.yaml` is taken, in the order
 * of their paths. Throws `InputError` naming file and field.
 */
export function readPerformanceConfigs(places: readonly string[]): readonly PerfWorkload[] {
  return places.flatMap((place) =>
    configFiles(place).flatMap(({ file, topic }) => readPerformanceConfig(file, topic)),
  )
}

function configFiles(place: string): readonly { readonly file: string; readonly topic: string }[] {
  const status = statSync(place, { throwIfNoEntry: false })
  if (status === undefined) {
    throw unreadable(place)
  }
  if (!status.isDirectory()) return [{ file: place, topic: path.basename(path.dirname(path.resolve(place))) }]
  const found = filesBelow(place, '', 0)
  if (found.length === 0) {
    throw new InputError({ file: place, message: `there is no ${CONFIG_NAME} in it or below it` })
  }
  return found.map((relative) => {
    const topic = path.posix.dirname(relative)
    return {
      file: path.join(place, relative),
      topic: topic === '.' ? path.basename(path.resolve(place)) : topic,
    }
  })
}

function filesBelow(root: string, relative: string, depth: number): readonly string[] {
  const entries = readdirSync(path.join(root, relative), { withFileTypes: true })
  return entries
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const place = path.posix.join(relative, entry.name)
      if (entry.isDirectory() && depth < DEPTH_MAX) return filesBelow(root, place, depth + 1)
      return entry.name === CONFIG_NAME ? [place] : []
    })
}

function readPerformanceConfig(file: string, topic: string): readonly PerfWorkload[] {
  const [document] = readYaml(readText(file), file)
  if (!Array.isArray(document)) throw new InputError({ file, message: 'is no list of test cases' })
  return document.flatMap((value: unknown, index) => {
    const place: Place = { file, path: `[${index}]` }
    return readCase(requireFields(value, place), place, topic)
  })
}

function readCase(fields: Fields, place: Place, topic: string): readonly PerfWorkload[] {
  const reader = new FieldReader(fields, place)
  const name = reader.requiredText('name')
  const labels = reader.texts('labels')
  const featureGates = reader.flags('featureGates')
  const beside = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : path.resolve(path.dirname(place.file), text)
  const schedulerConfig = beside(reader.text('schedulerConfigPath'))
  const defaultPodTemplate = beside(reader.text('defaultPodTemplatePath'))
  const selector = reader.fields('defaultThresholdMetricSelector')
  // It names Prometheus metrics; which of them have a meaning here does not depend on it.
  reader.any('metricsCollectorConfig')
  const template = reader.list('workloadTemplate')
  const workloads = reader.list('workloads')
  reader.done()
  return workloads.map((value, index) => {
    const own: Place = { file: place.file, path: `${name}.workloads[${index}]` }
    const workload = new FieldReader(requireFields(value, own), own)
    const workloadName = workload.requiredText('name')
    const params = workload.fields('params') ?? {}
    const at: Place = { file: place.file, path: `${name}/${workloadName}.workloadTemplate` }
    const read: PerfWorkload = {
      topic,
      file: place.file,
      testCase: name,
      name: workloadName,
      labels: [...new Set([...labels, ...workload.texts('labels')])],
      featureGates: { ...featureGates, ...workload.flags('featureGates') },
      schedulerConfig,
      defaultPodTemplate,
      params,
      threshold: thresholdOf(workload.any('threshold'), topic, own),
      thresholdSelector: selectorOf(workload.fields('thresholdMetricSelector') ?? selector),
      operations: () => readOperations(template, { place: at, params, defaultPodTemplate }),
    }
    workload.done()
    return read
  })
}

function thresholdOf(value: unknown, topic: string, place: Place): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'number') return value
  const byTopic = requireFields(value, { ...place, path: `${place.path}.threshold` })
  for (const part of topic.split('/').toReversed()) {
    const found = byTopic[part]
    if (typeof found === 'number') return found
    if (found !== undefined) throw wrongField(place, `threshold.${part}`, 'is no number')
  }
  return 0
}

function selectorOf(fields: Fields | undefined): ThresholdSelector {
  const labels = (fields?.['labels'] ?? {}) as Readonly<Record<string, string>>
  return {
    name: String((fields?.['name'] as string | undefined) ?? 'SchedulingThroughput'),
    labels,
    dataBucket: String((fields?.['dataBucket'] as string | undefined) ?? 'Average'),
    expectLower: fields?.['expectLower'] === true,
  }
}
