import { GoRandom } from '../../base/go-random.ts'
import type { StudyInput, StudyPod } from './study-input.ts'

/**
 * Numbers that the authors' program takes from the same source of chance between the workload and the order of the nodes, for
 * the jitter of its scheduler's loops. Found by trying: with 10, and with no other number up to 16, the published series come
 * out, for every seed, workload and policy that leaves nothing else to chance.
 */
const TAKEN_BY_SCHEDULER = 10

/** What one seed makes of the files. */
export interface InflatedWorkload {
  /** In order of arrival. */
  readonly pods: readonly StudyPod[]
  /** Places of the nodes in the input, in the order in which the scheduler lists them. */
  readonly nodes: readonly number[]
}

/**
 * The workload of a run of the study: all pods in a random order, and then as many again, drawn from all with replacement, or
 * as many fewer, as bring the GPUs asked for to `tune` times those that there are. Nodes are in a random order, too.
 *
 * The seed gives the order that it gives in the authors' program (hkust-adsl/kubernetes-scheduler-simulator,
 * pkg/simulator/{core,simulator}.go). Pods are added until one more *share of one GPU* would be too much, whatever number of
 * GPUs the pod asks for.
 */
export function inflate(input: StudyInput, seed: number, tune: number): InflatedWorkload {
  const random = new GoRandom(seed)
  // Written to a log that nobody keeps.
  random.skip()
  const pods = [...input.pods]
  random.shuffle(pods)
  let milli = pods.reduce((sum, pod) => sum + pod.milli, 0)
  const wanted = tune * input.capacity
  while (milli > wanted) {
    const [removed] = pods.splice(random.integer(pods.length), 1)
    milli -= removed?.milli ?? 0
  }
  if (milli < wanted && pods.length === input.pods.length) addPods(pods, input, { random, milli, wanted })
  for (let i = 0; i < TAKEN_BY_SCHEDULER; i++) random.skip()
  const nodes: number[] = []
  for (const [node, place] of random.permutation(input.nodes.length).entries()) nodes[place] = node
  return { pods, nodes }
}

function addPods(
  pods: StudyPod[],
  input: StudyInput,
  start: { readonly random: GoRandom; readonly milli: number; readonly wanted: number },
): void {
  let { milli } = start
  for (let i = 0; ; i++) {
    const pod = input.pods[start.random.integer(input.pods.length)]
    if (pod === undefined || milli + pod.gpu.milli > start.wanted) return
    milli += pod.milli
    pods.push({ ...pod, name: `${pod.name}-tuned-${i}` })
  }
}
