import type { Taint } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { withTaint, withoutTaint } from '../node/node-conditions.ts'

/** Puts a taint on a node, over one of the same key and effect, as `kubectl taint --overwrite` v1.37 does. False when there is no such node. */
export function taintNode(api: ApiServer, name: string, taint: Taint): boolean {
  const node = api.nodes.get(name)
  if (node === undefined) return false
  const isThere = node.spec?.taints?.some(
    ({ key, value, effect }) => key === taint.key && effect === taint.effect && value === taint.value,
  )
  if (isThere !== true) api.nodes.update(withTaint(withoutTaint(node, taint.key, taint.effect), taint))
  return true
}

/** Takes the taints of a key off a node, only those of an effect where one is given. False when there is no such node. */
export function untaintNode(api: ApiServer, name: string, key: string, effect?: string): boolean {
  const node = api.nodes.get(name)
  if (node === undefined) return false
  const clean = withoutTaint(node, key, effect)
  if (clean !== node) api.nodes.update(clean)
  return true
}
