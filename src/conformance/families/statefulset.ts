import type { StatefulSet } from '../../api/types.generated.ts'
import { logicFamily } from '../family.ts'
import { StatefulRecording } from '../stateful-recording.ts'

/** A step of a case. */
interface Step {
  readonly afterSeconds: number
  readonly pods?: Readonly<Record<string, string>>
  readonly setVersion?: string
  readonly setReplicas?: number
  readonly setPartition?: number
}

interface Input {
  readonly statefulSet: StatefulSet
  readonly gracefulDeletion: boolean
  readonly steps: readonly Step[]
}

/** The StatefulSet controller on scripted pods, on virtual time. */
export const statefulSet = logicFamily<Input>(
  'statefulset',
  ({ statefulSet: set, gracefulDeletion, steps }) => {
    const recording = new StatefulRecording(set, { isGraceful: gracefulDeletion })
    return {
      steps: steps.map((step) => {
        for (const [name, to] of Object.entries(step.pods ?? {})) recording.movePod(name, to)
        recording.changeSet((spec) => changedSpec(spec, step))
        return recording.run(step.afterSeconds)
      }),
    }
  },
)

function changedSpec(
  spec: StatefulSet['spec'],
  { setVersion, setReplicas, setPartition }: Step,
): StatefulSet['spec'] {
  let changed = spec
  if (setVersion !== undefined && changed !== undefined) {
    const { template } = changed
    const annotations = { ...template.metadata?.annotations, v: setVersion }
    changed = { ...changed, template: { ...template, metadata: { ...template.metadata, annotations } } }
  }
  if (setReplicas !== undefined && changed !== undefined) changed = { ...changed, replicas: setReplicas }
  if (setPartition !== undefined && changed !== undefined) {
    const strategy = changed.updateStrategy
    const rollingUpdate = { ...strategy?.rollingUpdate, partition: setPartition }
    changed = { ...changed, updateStrategy: { ...strategy, rollingUpdate } }
  }
  return changed
}
