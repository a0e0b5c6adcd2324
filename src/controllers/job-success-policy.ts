import type { SuccessPolicy } from '../api/types.generated.ts'
import { countCommonIndexes, countIndexes, parseIndexes } from './job-indexes.ts'
import type { IndexSet } from './job-indexes.ts'

/**
 * Whether the indexes that have succeeded are enough by a success policy: the message of its condition, with the first rule that
 * they meet.
 *
 * Source: kube-controller-manager v1.37, job/success_policy.go `matchSuccessPolicy`.
 */
export function matchSuccessPolicy(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: IndexSet,
): string | undefined {
  if (policy === undefined || succeeded.length === 0) return undefined
  const place = policy.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) {
      return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount
    }
    const required = parseIndexes(succeededIndexes, completions)
    if (required.length === 0) return false
    const common = countCommonIndexes(required, succeeded)
    return common === countIndexes(required) || (succeededCount !== undefined && common >= succeededCount)
  })
  return place < 0 ? undefined : `Matched rules at index ${place}`
}
