import path from 'node:path'

import { plainNumber } from '../base/distribution.ts'
import { InputError } from '../base/errors.ts'
import { SECOND } from '../base/time.ts'
import { actionsOf } from './action.ts'
import { controlPlaneOf } from './control-plane.ts'
import { attachmentSetting } from './attachments.ts'
import { cloudSetting } from './cloud.ts'
import { failureSource } from './failures/index.ts'
import { repairSetting } from './repair.ts'
import { resolveFeatureGates } from './feature-gates.ts'
import type { KubernetesVersion } from './feature-gates.ts'
import { evictionSettings } from './eviction-settings.ts'
import { nodeRoomSetting } from './node-settings.ts'
import { lifecycleSettings } from './resolve-lifecycle.ts'
import type { TableFormat, NodeSource, Scenario, TraceSource } from './scenario.ts'
import { ScenarioReader } from './reader.ts'
import type { Fields, ResolveSetting, Step } from './reader.ts'
import { SCHEDULING_POLICIES, TIE_BREAKS } from './scheduling-policies.ts'
import { fieldText, positionOf } from './validate.ts'
import { parseYamlFile } from './yaml-file.ts'

/** Ours: far longer than any answer takes, far shorter than somebody waits. */
const PLUGIN_TIMEOUT = 10 * SECOND

/** Makes a scenario of a raw one that the schema has accepted: defaults, units, paths. */
export function resolveScenario(raw: Fields, setting: ResolveSetting): Scenario {
  const reader = new ScenarioReader(raw, setting)
  const name = reader.text(['metadata', 'name'], defaultName(setting.file))
  const version = reader.text(['spec', 'kubernetesVersion'], '1.37') === '1.36' ? '1.36' : '1.37'
  return {
    name,
    file: setting.file,
    digest: setting.digest,
    kubernetesVersion: version,
    featureGates: gatesOf(reader, version),
    seed: String(reader.get(['spec', 'seed']) ?? 1),
    until: reader.maybeDuration(['spec', 'until']),
    warmUp: reader.duration(['spec', 'warmUp'], 0),
    nodes: reader.list(['spec', 'nodes']).map((_, index) => nodeSource(reader, ['spec', 'nodes', index])),
    startTime: reader.calendarTime(['spec', 'startTime']),
    objects: reader
      .list(['spec', 'objects'])
      .map((entry, index) =>
        typeof entry === 'string' ? reader.file(['spec', 'objects', index]) : (entry as Fields),
      ),
    actions: actionsOf(reader),
    scheduler: schedulerOf(reader),
    workload: reader
      .list(['spec', 'workload'])
      .map((_, index) => traceSource(reader, ['spec', 'workload', index, 'trace'])),
    behaviour: behaviourOf(reader),
    lifecycle: lifecycleSettings(reader),
    eviction: evictionSettings(reader, ['spec', 'eviction']),
    failures: reader
      .list(['spec', 'failures'])
      .map((_, index) => failureSource(reader, ['spec', 'failures', index])),
    cloud: cloudSetting(reader),
    attachments: attachmentSetting(reader),
    repair: repairSetting(reader),
    nodeLifecycle: lifecycleOf(reader),
    admission: {
      podNodeSelector: reader.get(['spec', 'admission', 'podNodeSelector']) as
        | Readonly<Record<string, string>>
        | undefined,
    },
    controlPlane: controlPlaneOf(reader),
    report: {
      directory: reader.get(['spec', 'report', 'directory']) as string | undefined,
      interval: reader.period(['spec', 'report', 'interval'], 900_000_000),
      tables: (reader.get(['spec', 'report', 'tables']) as readonly TableFormat[] | undefined) ?? ['csv'],
      pods: reader.flag(['spec', 'report', 'pods'], true),
      decisions: reader.flag(['spec', 'report', 'decisions'], false),
      nodeDecisions: reader.flag(['spec', 'report', 'nodeDecisions'], false),
    },
  }
}

function gatesOf(reader: ScenarioReader, version: KubernetesVersion): Scenario['featureGates'] {
  const at = ['spec', 'featureGates']
  const asked = (reader.get(at) ?? {}) as Readonly<Record<string, boolean>>
  return resolveFeatureGates(version, asked, (gate, message, hint) =>
    reader.fail([...at, gate], message, hint),
  )
}

function defaultName(file: string | undefined): string {
  return file === undefined ? 'run' : path.basename(file).replace(/\.ya?ml$/, '')
}

function nodeSource(reader: ScenarioReader, at: readonly Step[]): NodeSource {
  const file = reader.get([...at, 'file'])
  if (file !== undefined) {
    const format = reader.text([...at, 'format'], 'kubernetes')
    return {
      kind: 'file',
      file: reader.path(String(file)),
      format: format === 'openb' ? 'openb' : 'kubernetes',
    }
  }
  const template = [...at, 'template']
  if (reader.get(template) === undefined) reader.fail(at, 'expected a template or a file')
  return {
    kind: 'template',
    shape: `${reader.number([...template, 'count'], 1)}x${reader.shape([...template, 'shape'])}`,
    namePrefix: reader.get([...template, 'namePrefix']) as string | undefined,
    labels: (reader.get([...template, 'labels']) ?? {}) as Readonly<Record<string, string>>,
    taints: (reader.get([...template, 'taints']) ?? []) as readonly { key: string; effect: string }[],
    zones: reader.get([...template, 'zones']) as readonly string[] | undefined,
    pricePerHour: reader.get([...template, 'pricePerHour']) as number | undefined,
    room: nodeRoomSetting(reader, template),
  }
}

function traceSource(reader: ScenarioReader, at: readonly Step[]): TraceSource {
  return {
    file: reader.path(reader.text([...at, 'file'], '')),
    format: reader.text([...at, 'format'], 'csv') as TraceSource['format'],
    from: reader.duration([...at, 'from'], 0),
    limit: reader.get([...at, 'limit']) as number | undefined,
    scale: reader.number([...at, 'scale'], 1),
    timeScale: reader.number([...at, 'timeScale'], 1),
    skipBadRows: reader.number([...at, 'skipBadRows'], 0),
    options: (reader.get([...at, 'options']) ?? {}) as TraceSource['options'],
  }
}

function schedulerOf(reader: ScenarioReader): Scenario['scheduler'] {
  const file = reader.get(['spec', 'scheduler', 'configFile'])
  const inline = reader.get(['spec', 'scheduler', 'config'])
  if (file !== undefined && inline !== undefined) {
    reader.fail(['spec', 'scheduler', 'config'], 'configFile and config exclude each other')
  }
  const policyName = reader.get(['spec', 'scheduler', 'policy']) as string | undefined
  if (policyName !== undefined && (file !== undefined || inline !== undefined)) {
    reader.fail(['spec', 'scheduler', 'policy'], 'policy excludes configFile and config')
  }
  const policy = policyName === undefined ? undefined : SCHEDULING_POLICIES[policyName]
  const tieBreak = reader.text(['spec', 'scheduler', 'tieBreak'], policy?.tieBreak ?? 'heap')
  const paths = (field: string): readonly string[] =>
    reader.list(['spec', 'scheduler', field]).map((one) => reader.path(String(one)))
  return {
    policy: policyName,
    ...(file === undefined
      ? inlineConfiguration(reader, inline ?? policy?.configuration)
      : fileConfiguration(reader.path(String(file)))),
    plugins: paths('plugins'),
    extenders: paths('extenders'),
    tieBreak: TIE_BREAKS.find((name) => name === tieBreak) ?? 'heap',
    pluginTimeout: reader.period(['spec', 'scheduler', 'pluginTimeout'], PLUGIN_TIMEOUT),
  }
}

type ConfigurationSetting = Pick<Scenario['scheduler'], 'configuration' | 'configurationSource'>

function inlineConfiguration(reader: ScenarioReader, inline: unknown): ConfigurationSetting {
  const at = ['spec', 'scheduler', 'config']
  return {
    configuration: inline ?? {},
    configurationSource: {
      root: fieldText(at),
      isFile: false,
      placeOf: (path) => reader.placeOf([...at, ...path]),
    },
  }
}

function fileConfiguration(file: string): ConfigurationSetting {
  const positions = parseYamlFile(file)
  return {
    configuration: positions.document.toJS(),
    configurationSource: { root: '', isFile: true, placeOf: (path) => positionOf(path, positions) },
  }
}

function behaviourOf(reader: ScenarioReader): Scenario['behaviour'] {
  const at = ['spec', 'behaviour']
  return {
    startup: reader.durations([...at, 'startup'], '2s'),
    stop: reader.durations([...at, 'stop'], '1s'),
    memoryUse: reader.distribution([...at, 'memoryUse'], 0.8, positiveNumber),
    initialShare: reader.number([...at, 'initialShare'], 1),
    cpuUse: reader.distribution([...at, 'cpuUse'], 1, positiveNumber),
    disk: reader.maybeAmounts([...at, 'disk']),
    inodes: reader.maybeAmounts([...at, 'inodes']),
    processes: reader.maybeAmounts([...at, 'processes']),
    keepFinished: reader.flag([...at, 'keepFinished'], false),
    retriesMax: reader.get([...at, 'retriesMax']) as number | undefined,
    checkpointInterval:
      reader.get([...at, 'checkpointInterval']) === undefined
        ? undefined
        : reader.periods([...at, 'checkpointInterval'], '1h'),
  }
}

/** Defaults of kube-controller-manager and kubelet v1.37. */
function lifecycleOf(reader: ScenarioReader): Scenario['nodeLifecycle'] {
  const at = ['spec', 'nodeLifecycle']
  return {
    monitorPeriod: reader.period([...at, 'monitorPeriod'], 5_000_000),
    gracePeriod: reader.duration([...at, 'gracePeriod'], 50_000_000),
    startupGracePeriod: reader.duration([...at, 'startupGracePeriod'], 60_000_000),
    leaseRenewal: reader.period([...at, 'leaseRenewal'], 10_000_000),
    evictionRate: reader.number([...at, 'evictionRate'], 0.1),
    secondaryEvictionRate: reader.number([...at, 'secondaryEvictionRate'], 0.01),
    largeZone: reader.number([...at, 'largeZone'], 50),
    unhealthyThreshold: reader.number([...at, 'unhealthyThreshold'], 0.55),
  }
}

function positiveNumber(value: string | number, field: string): number {
  const number = plainNumber(value, field)
  if (number >= 0) return number
  throw new InputError({ field, message: `is ${number}, which is below 0`, hint: 'expected 0 or more' })
}
