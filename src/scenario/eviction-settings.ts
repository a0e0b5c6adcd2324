import { requireQuantity } from '../api/quantity.ts'
import { parseDuration } from '../base/time.ts'
import type { ScenarioReader } from './reader.ts'
import { SIGNALS } from './scenario.ts'
import type { Scenario, SignalSettings } from './scenario.ts'
import { fieldText } from './validate.ts'

type Path = readonly (string | number)[]

/** The settings of node-pressure eviction at this path. */
export function evictionSettings(reader: ScenarioReader, at: Path): Scenario['eviction'] {
  const soft = [...at, 'soft']
  return {
    enabled: reader.flag([...at, 'enabled'], true),
    configuration: {
      evictionHard:
        reader.get([...at, 'hard']) === undefined ? undefined : thresholds(reader, [...at, 'hard']),
      evictionSoft: thresholds(reader, soft),
      evictionSoftGracePeriod: softGracePeriods(reader, at),
      evictionMinimumReclaim: thresholds(reader, [...at, 'minimumReclaim'], { isReclaim: true }),
    },
    maxPodGrace: reader.duration(
      [...at, 'maxPodGracePeriod'],
      reader.duration([...soft, 'maxPodGracePeriod'], 0),
    ),
    pressureTransition: reader.duration([...at, 'pressureTransition'], 300_000_000),
    system: {
      memory: reader.bytes([...at, 'systemMemory'], 0),
      disk: reader.bytes([...at, 'systemDisk'], 0),
      inodes: reader.bytes([...at, 'systemInodes'], 0),
      processes: reader.bytes([...at, 'systemProcesses'], 0),
    },
  }
}

/** Amounts or shares by signal. A threshold of 0% is none; one of 0 is wrong, as to a kubelet. */
function thresholds(
  reader: ScenarioReader,
  at: Path,
  { isReclaim = false }: { readonly isReclaim?: boolean } = {},
): SignalSettings {
  const settings: Record<string, string> = {}
  for (const signal of SIGNALS) {
    const here = [...at, signal]
    const value = reader.get(here)
    if (value === undefined) continue
    const text = String(value)
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)
    if (percent === null) checkAmount(reader, here, { text, isReclaim })
    else if (Number(percent[1]) > 100) reader.fail(here, `"${text}" is above 100%`)
    else if (isReclaim && Number(percent[1]) === 0) reader.fail(here, `"${text}" is not above 0%`)
    settings[signal] = text
  }
  return settings
}

function checkAmount(
  reader: ScenarioReader,
  at: Path,
  { text, isReclaim }: { readonly text: string; readonly isReclaim: boolean },
): void {
  const { nano } = reader.placed(at, () => requireQuantity(text, fieldText(at)))
  if (nano < 0n) reader.fail(at, `"${text}" is below 0`)
  if (nano === 0n && !isReclaim) reader.fail(at, `"${text}" is not above 0`, '0% switches a threshold off')
}

/** How long each soft threshold has to hold: its own, or that of all. */
function softGracePeriods(reader: ScenarioReader, at: Path): SignalSettings {
  const ofAll = reader.get([...at, 'soft', 'gracePeriod'])
  const graces: Record<string, string> = {}
  for (const signal of SIGNALS) {
    if (reader.get([...at, 'soft', signal]) === undefined) continue
    const own = reader.get([...at, 'softGracePeriod', signal])
    const place = own === undefined ? [...at, 'soft', 'gracePeriod'] : [...at, 'softGracePeriod', signal]
    const value = own ?? ofAll
    if (value === undefined) {
      return reader.fail([...at, 'soft', signal], 'has no grace period', 'give soft.gracePeriod')
    }
    const span = reader.placed(place, () => parseDuration(value as string | number, fieldText(place)))
    graces[signal] = `${span}us`
  }
  return graces
}
