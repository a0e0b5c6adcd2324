import { GpuFragmentation } from '../src/api/gpu-fragmentation.ts'
import { WHOLE_GPU_MILLI } from '../src/api/gpu-request.ts'
import { InputError } from '../src/base/errors.ts'
import { uniformOfText } from '../src/base/text-hash.ts'
import { PASS, definePlugin, unschedulable } from '../src/scheduler/framework/index.ts'
import type {
  NodeIndex,
  PluginContext,
  PluginFactory,
  Rejection,
  SchedulerPlugin,
  Screening,
} from '../src/scheduler/framework/index.ts'
import { FragmentationGradient, GRADIENT_COLUMNS } from './fragmentation-gradient.ts'
import type { GradientTerm } from './fragmentation-gradient.ts'
import { gpuTermOf, signGpus, tightestDevices } from './gpu-devices.ts'
import type { DeviceNodes, GpuTerm } from './gpu-devices.ts'
import { readArguments } from './plugin-arguments.ts'
import type { PluginArguments } from './plugin-arguments.ts'
import { readTypicalPods } from './typical-pods.ts'

const NO_DEVICE = unschedulable("node(s) didn't have a GPU with enough free")

const CHOICES = ['Tightest', 'Random', 'LeastFragmentation']

/**
 * Keeps pods that share a GPU, or want whole ones, on nodes where single devices have enough free, and sets devices
 * aside.
 *
 * Argument `deviceChoice`, for pods that share one device; all others take those that fit most tightly, lowest number first,
 * which for whole GPUs are the first free ones:
 * - `Tightest` (default): the device with the least free that is enough, the first of equals.
 * - `Random`: each that has enough is as likely; follows from `seed`, that of the run by default, and the pod.
 * - `LeastFragmentation`: the device with the best score of FGD; takes its argument `typicalPods`.
 *
 * Pods say what they want by the annotations `stowage.dev/gpu-count` and `stowage.dev/gpu-milli-per-device`.
 * Source: ours, docs/design/0005-gpu-devices.md; the model of Alibaba's openb trace (Weng et al., ATC '23), and the choices of
 * its simulator (pkg/simulator/plugin/open_gpu_share.go).
 */
export const gpuShare: PluginFactory = (given, context) => {
  const args = readArguments(given, context, ['deviceChoice', 'seed', 'typicalPods'])
  const choice = args['deviceChoice'] ?? 'Tightest'
  switch (choice) {
    case 'Tightest':
      return tightest
    case 'Random':
      return random(args, context)
    case 'LeastFragmentation':
      return leastFragmentation(args, context)
    default:
      throw new InputError({
        field: `${context.path}.deviceChoice`,
        message: `Unsupported value: ${JSON.stringify(choice)}`,
        hint: `expected one of ${CHOICES.join(', ')}`,
      })
  }
}

const tightest = definePlugin({
  name: 'GpuShare',
  reads: ['deviceCount', 'deviceFree'],
  sized: false,
  compile: gpuTermOf,
  sign: signGpus,
  screen,
  filter,
  reserve: (term, node, nodes) => reservation(tightestDevices(term, node, nodes)),
})

function random(args: PluginArguments, { outlook }: PluginContext): SchedulerPlugin {
  const seed = JSON.stringify(args['seed'] ?? outlook?.seed ?? 0)
  return definePlugin({
    name: 'GpuShare',
    reads: ['deviceCount', 'deviceFree'],
    sized: false,
    compile: gpuTermOf,
    sign: signGpus,
    screen,
    filter,
    reserve(term, node, nodes, { pod }) {
      if (!isSharing(term)) return reservation(tightestDevices(term, node, nodes))
      const fitting: number[] = []
      for (let device = 0; device < nodes.deviceCount(node); device++) {
        if (nodes.deviceFree(node, device) >= term.milli) fitting.push(device)
      }
      const at = Math.floor(uniformOfText(`device/${seed}/${pod.key}/${pod.uid}`) * fitting.length)
      const device = fitting[at]
      return device === undefined ? undefined : { devices: 1 << device }
    },
  })
}

function leastFragmentation(args: PluginArguments, context: PluginContext): SchedulerPlugin {
  const gradient = new FragmentationGradient(new GpuFragmentation(readTypicalPods(args, context)))
  return definePlugin<GradientTerm, (typeof GRADIENT_COLUMNS)[number]>({
    name: 'GpuShare',
    reads: GRADIENT_COLUMNS,
    compile: (pod): GradientTerm => ({ ...gpuTermOf(pod), cpu: pod.requests.cpu }),
    sign: (pod) => ({ ...signGpus(pod), cpu: pod.requests.cpu }),
    screen,
    filter,
    reserve: (term, node, nodes) => reservation(gradient.place(term, node, nodes)?.devices),
  })
}

function screen(term: GpuTerm): Screening | undefined {
  return term.count === 0 ? { skip: true } : undefined
}

function filter(term: GpuTerm, node: NodeIndex, nodes: DeviceNodes): Rejection | undefined {
  let missing = term.count
  const count = nodes.deviceCount(node)
  for (let device = 0; device < count && missing > 0; device++)
    if (nodes.deviceFree(node, device) >= term.milli) missing -= 1
  return missing <= 0 ? PASS : NO_DEVICE
}

function isSharing({ count, milli }: GpuTerm): boolean {
  return count === 1 && milli < WHOLE_GPU_MILLI
}

function reservation(devices: number | undefined): { readonly devices: number } | undefined {
  return devices === undefined ? undefined : { devices }
}
