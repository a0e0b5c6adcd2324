import { compileLabelSelector } from '../api/selectors.ts'
import type { LabelPredicate } from '../api/selectors.ts'
import type { LabelSelector } from '../api/types.generated.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import type { StoredObject } from '../cluster/object-store.ts'
import type { PodRow } from '../cluster/rows.ts'

const predicates = new WeakMap<LabelSelector, LabelPredicate>()

/** Whether an object's selector matches a pod of its namespace. */
export function isSelected(
  api: ApiServer,
  pod: PodRow,
  object: StoredObject & { readonly spec?: { readonly selector: LabelSelector } },
): boolean {
  const { namespace, labels } = api.pods.infoOf(pod).template.metadata
  if (object.metadata?.namespace !== namespace) return false
  const selector = object.spec?.selector
  if (selector === undefined) return false
  let matches = predicates.get(selector)
  if (matches === undefined) {
    matches = compileLabelSelector(selector)
    predicates.set(selector, matches)
  }
  return matches(labels)
}
