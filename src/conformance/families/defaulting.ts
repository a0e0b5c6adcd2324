import { defaultObject } from '../../api/defaults/index.ts'
import { logicFamily } from '../family.ts'
import { withRecordedKind } from '../recorded-kind.ts'

/** What the API server fills in, on objects of twelve kinds. */
export const defaulting = logicFamily('defaulting', (object: Parameters<typeof withRecordedKind>[0]) => {
  const { kind: _kind, ...defaulted } = defaultObject(withRecordedKind(object))
  return defaulted
})
