import { demandGroups, typicalPods } from '../../api/gpu-fragmentation.ts'
import type { TypicalPod } from '../../api/gpu-fragmentation.ts'
import { GPU_MODEL_LABEL, gpuRequestOf } from '../../api/gpu-request.ts'
import type { GpuRequest } from '../../api/gpu-request.ts'
import type { PodTemplate } from '../../api/pod-template.ts'
import { nodeAmounts } from '../../api/node-amounts.ts'
import { podRequests } from '../../api/resources.ts'
import type { Node } from '../../api/types.generated.ts'
import { InputError } from '../../base/errors.ts'
import { openb } from '../../workload/formats/openb.ts'
import { readNodeList, readText } from '../../workload/node-list.ts'
import type { TraceTask } from '../../workload/trace-task.ts'

/** Pods that a node of the study takes. */
const PODS_MAX = '1001'

/** A pod of the workload, and what it asks of GPUs. */
export interface StudyPod {
  readonly name: string
  readonly template: PodTemplate
  /** Millicores. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly gpu: GpuRequest
  /** Thousandths of GPUs in all. */
  readonly milli: number
}

/** The files of a study, read: shared by all its runs. */
export interface StudyInput {
  /** By name. */
  readonly nodes: readonly Node[]
  /** GPU model of each node. */
  readonly models: readonly string[]
  /** Thousandths of all GPUs. */
  readonly capacity: number
  /** By name. */
  readonly pods: readonly StudyPod[]
  /** Of the pods as the file has them. */
  readonly typical: readonly TypicalPod[]
}

/** Reads a list of nodes and one of pods, both as Alibaba's openb trace has them. Throws `InputError` for wrong files. */
export function readStudyInput(nodeFile: string, podFile: string): StudyInput {
  const nodes = readNodeList(nodeFile, 'openb').map(withPodLimit).toSorted(byName)
  const capacity = nodes.reduce((sum, node) => sum + gpuMilliOf(node), 0)
  if (capacity === 0) throw new InputError({ file: nodeFile, message: 'no node of it has a GPU' })
  const pods = readPods(podFile)
  if (!pods.some(({ milli }) => milli > 0)) {
    throw new InputError({ file: podFile, message: 'no pod of it asks for a GPU' })
  }
  const groups = pods.map(({ cpu, gpu }) => {
    return { cpu, gpuMilli: gpu.milli, gpuCount: gpu.count, models: gpu.models, count: 1 }
  })
  const models = nodes.map(({ metadata }) => metadata?.labels?.[GPU_MODEL_LABEL] ?? '')
  return { nodes, models, capacity, pods, typical: typicalPods(demandGroups(groups)) }
}

function readPods(file: string): readonly StudyPod[] {
  const lines = readText(file).split(/\r?\n/)
  const read = openb.open({ file, options: {}, machine: { cpu: 0, memory: 0 }, warn: () => undefined })
  const gpus = new Map<PodTemplate, GpuRequest>()
  const pods = lines.flatMap((line, index) => {
    const tasks = line === '' ? undefined : read(line, index + 1)
    if (tasks === undefined || 'skip' in tasks) return []
    return tasks.map(({ name, template, cpu, memory }: TraceTask): StudyPod => {
      const gpu = gpus.get(template) ?? gpuRequestOf(template, podRequests(template).scalars)
      gpus.set(template, gpu)
      return { name, template, cpu, memory, gpu, milli: gpu.count * gpu.milli }
    })
  })
  return pods.toSorted((one, other) => byText(one.name, other.name))
}

function withPodLimit(node: Node): Node {
  const { status } = node
  const amounts = { ...status?.allocatable, pods: PODS_MAX }
  return { ...node, status: { ...status, capacity: amounts, allocatable: amounts } }
}

function gpuMilliOf({ status }: Node): number {
  return nodeAmounts(status?.allocatable).get('stowage.dev/gpu-milli') ?? 0
}

function byName(one: Node, other: Node): number {
  return byText(one.metadata?.name ?? '', other.metadata?.name ?? '')
}

function byText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
