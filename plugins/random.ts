import { uniformOfText } from '../src/base/text-hash.ts'
import { SCORE_MAX, definePlugin } from '../src/scheduler/framework/index.ts'
import type { NodeIndex, PluginFactory } from '../src/scheduler/framework/index.ts'
import { readArguments } from './plugin-arguments.ts'

/**
 * Prefers one of the nodes that were found, each as likely.
 *
 * Score: 100 for that node, 0 for all others. Which one it is follows from `seed` (argument; that of the run by default), the
 * pod and the number of nodes found, so that a pod that is tried again among other nodes draws another.
 * Source: the baseline of Weng et al., USENIX ATC '23 (their simulator, pkg/simulator/plugin/random_score.go).
 */
export const random: PluginFactory = (args, context) => {
  const seed = JSON.stringify(readArguments(args, context, ['seed'])['seed'] ?? context.outlook?.seed ?? 0)
  return definePlugin<object, never, undefined, NodeIndex>({
    name: 'Random',
    reads: [],
    sized: false,
    compile: () => ({}),
    prepareScore(_term, _cluster, found, pod) {
      const draw = uniformOfText(`node/${seed}/${pod.key}/${pod.uid}/${found.length}`)
      return { state: found[Math.floor(draw * found.length)] ?? -1 }
    },
    score: (_term, node, _nodes, chosen) => (node === chosen ? SCORE_MAX : 0),
  })
}
