import { BEHAVIOUR_FIELDS, parseBehaviourField } from '../api/container-behaviour.ts'
import type { ContainerBehaviour } from '../api/container-behaviour.ts'
import type { LabelSelector } from '../api/types.generated.ts'
import { NEVER } from '../base/time.ts'
import type { BehaviourRuleSetting, ImageSetting, KubeletSetting, LifecycleSetting } from './lifecycle.ts'
import type { Fields, ScenarioReader, Step } from './reader.ts'
import { fieldText } from './validate.ts'

/** What a scenario says of the life of pods, with the defaults of the kubelet v1.37. */
export function lifecycleSettings(reader: ScenarioReader): LifecycleSetting {
  const rules = ['spec', 'behaviour', 'rules']
  const runtimes = ['spec', 'runtimes']
  return {
    rules: reader.list(rules).map((_, index) => ruleOf(reader, [...rules, index])),
    jobDuration: reader.durations(['spec', 'behaviour', 'jobDuration'], '1m'),
    kubelet: kubeletOf(reader),
    images: reader.get(['spec', 'images']) === undefined ? undefined : imagesOf(reader),
    runtimes: new Map(
      Object.keys((reader.get(runtimes) ?? {}) as Fields).map((handler) => [
        handler,
        {
          sandbox: reader.durations([...runtimes, handler, 'sandbox'], '0s'),
          container: reader.durations([...runtimes, handler, 'container'], '0s'),
        },
      ]),
    ),
  }
}

function ruleOf(reader: ScenarioReader, at: readonly Step[]): BehaviourRuleSetting {
  let behaviour: ContainerBehaviour = {}
  for (const name of BEHAVIOUR_FIELDS) {
    const value = reader.get([...at, name])
    if (value === undefined) continue
    const place = [...at, name]
    const field = reader.placed(place, () => parseBehaviourField(name, value, fieldText(place)))
    behaviour = { ...behaviour, ...field }
  }
  return {
    selector: (reader.get([...at, 'selector']) ?? {}) as LabelSelector,
    namespace: reader.get([...at, 'namespace']) as string | undefined,
    container: reader.get([...at, 'container']) as string | undefined,
    behaviour,
  }
}

function kubeletOf(reader: ScenarioReader): KubeletSetting {
  const at = ['spec', 'kubelet']
  const high = reader.number([...at, 'imageGCHighThresholdPercent'], 85)
  const low = reader.number([...at, 'imageGCLowThresholdPercent'], 80)
  if (high > 100) reader.fail([...at, 'imageGCHighThresholdPercent'], `is ${high}`, 'expected at most 100')
  if (low >= high) {
    const hint = 'expected less than imageGCHighThresholdPercent'
    reader.fail([...at, 'imageGCLowThresholdPercent'], `is ${low}`, hint)
  }
  const parallel = reader.get([...at, 'maxParallelImagePulls']) as number | undefined
  return {
    serializeImagePulls: reader.flag([...at, 'serializeImagePulls'], (parallel ?? 1) < 2),
    maxParallelImagePulls: parallel,
    registryPullQPS: reader.number([...at, 'registryPullQPS'], 5),
    registryBurst: reader.number([...at, 'registryBurst'], 10),
    imageMinimumGCAge: reader.duration([...at, 'imageMinimumGCAge'], 120_000_000),
    imageGCHighThresholdPercent: high,
    imageGCLowThresholdPercent: low,
    maxContainerRestartPeriod: reader.period(
      [...at, 'crashLoopBackOff', 'maxContainerRestartPeriod'],
      300_000_000,
    ),
  }
}

function imagesOf(reader: ScenarioReader): ImageSetting {
  const at = ['spec', 'images']
  const bytes = (place: readonly Step[]): number | undefined =>
    reader.get(place) === undefined ? undefined : reader.bytes(place, 0)
  const names = (field: string): string[] => Object.keys((reader.get([...at, field]) ?? {}) as Fields)
  const bandwidth = bytes([...at, 'bandwidth'])
  if (bandwidth === 0) reader.fail([...at, 'bandwidth'], 'is 0', 'expected more than 0')
  return {
    defaultSize: bytes([...at, 'defaultSize']),
    sizes: new Map(names('sizes').map((name) => [name, reader.bytes([...at, 'sizes', name], 0)])),
    layers: new Map(
      names('layers').map((name) => {
        const place = [...at, 'layers', name]
        const layers = reader.list(place).map((_, index) => ({
          digest: reader.text([...place, index, 'digest'], ''),
          size: reader.bytes([...place, index, 'size'], 0),
        }))
        return [name, layers]
      }),
    ),
    bandwidth,
    latency: reader.maybeDuration([...at, 'latency']),
    unavailable: reader.list([...at, 'unavailable']).map((_, index) => {
      const place = [...at, 'unavailable', index]
      const span = {
        from: reader.duration([...place, 'from'], 0),
        to: reader.maybeDuration([...place, 'to']) ?? NEVER,
      }
      return { image: reader.text([...place, 'image'], ''), span }
    }),
    disk: bytes([...at, 'disk']),
  }
}
